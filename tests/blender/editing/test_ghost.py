"""The live preview: where its lines lie, that it comes only when asked, and that it goes away."""

import time

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from tools.rigs import build, description  # noqa: E402


@pytest.fixture
def ghost(rooms):
    yield rooms("editing.ghost")
    rooms("editing.ghost").end()


@pytest.mark.parametrize("maker", ["mixamo", "ue5"])
def test_the_lines_lie_where_the_rig_will_be(rooms, ghost, make_motion, maker):
    armature = build.build(description.describe(maker), place="turned")
    motion = make_motion(frames=25)
    frame_rate, scene = motion.fps, bpy.context.scene
    scene.render.fps = int(frame_rate)
    rooms("action.apply").apply(motion, armature, scene, 1, "clip", rooms("action.apply").Options(feet=False))
    bones, _ = ghost.lines(motion, ghost.place_of(armature))
    poses = bones.reshape(ghost.POSES, -1, 3)
    shown = np.unique(np.linspace(0, motion.frames - 1, ghost.POSES).round().astype(int))
    slots = rooms("rig.mapping").of(armature).check().slots
    hips, foot = (slots[name][0] for name in ("pelvis", "left_ankle"))
    for pose, frame in zip(poses, shown, strict=True):
        scene.frame_set(1 + int(frame))
        evaluated = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
        heads = [evaluated.matrix_world @ evaluated.pose.bones[name].head for name in (hips, foot)]
        size = np.ptp(poses[0][:, 2])
        assert min(np.linalg.norm(pose - np.array(heads[0]), axis=1)) < 0.15 * size
        assert min(np.linalg.norm(pose - np.array(heads[1]), axis=1)) < 0.15 * size


def test_a_single_frame_has_lines_and_no_way(ghost, make_motion):
    bones, way = ghost.lines(make_motion(frames=1), ghost.place_of(None))
    assert bones.shape == (42, 3) and way.shape == (0, 3) and bones.dtype == np.float32


@pytest.mark.parametrize("asked", [True, False])
def test_it_is_drawn_while_a_job_runs_and_only_if_asked(ghost, settings, stand_in, session, monkeypatch, asked):
    monkeypatch.setattr(session, "timers_fire", True)
    stand_in("slow")
    settings.prompt, settings.live_preview = "a person walks", asked
    bpy.ops.isodim.generate()
    assert len(ghost._handle) == asked
    seen, deadline = [], time.monotonic() + 20
    while session.busy:
        session.on_timer()
        if ghost._shown:
            seen.append(ghost._shown[0][1]())
        assert time.monotonic() < deadline
        time.sleep(0.005)
    assert any(seen) == asked
    assert not ghost._handle and not ghost._shown
    assert "IsoDiM" in bpy.data.objects
