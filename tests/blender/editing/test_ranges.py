"""Frames made anew through the real operators: bit for bit the same outside, one preview, one sentence where it cannot be."""

import os
import time

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from tests.blender.editing.conftest import FPS, values  # noqa: E402
from tools.rigs import build, description  # noqa: E402

ASKED = {"prompt": "a person waves", "start": 30, "end": 60, "seed": 5}


@pytest.fixture
def good(stand_in):
    stand_in("good")


def outside(first, last, end):
    times = np.arange(-10.0, end + 10.0, 0.25)
    return times[(times <= first - 1) | (times >= last + 1)]


def mixamo_rig():
    return build.build(description.describe("mixamo", rolls_seed=1), place="fbx", mixed_modes=True)


RIGS = {"mixamo": mixamo_rig, "metarig": build.metarig, "generated": build.generated}


@pytest.mark.parametrize("name", RIGS)
@pytest.mark.parametrize("root", ["HIPS", "OBJECT"])
def test_outside_the_range_nothing_changes(rooms, session, play, good, name, root):
    armature = RIGS[name]()
    old = play(armature, root=root)
    times = outside(30, 60, old.frame_range[1])
    before, inside = values(old, rooms, times), values(old, rooms, np.arange(35, 55))
    assert bpy.ops.isodim.redo_range(**ASKED) == {"FINISHED"}
    new = armature.animation_data.action
    assert new != old
    after = values(new, rooms, times)
    assert all(np.array_equal(before[key], after[key]) for key in before)
    changed = values(new, rooms, np.arange(35, 55))
    assert max(np.abs(changed[key] - inside[key]).max() for key in inside) > 0.1
    assert len(session.delivered.outcome.lines) >= 2
    assert bpy.ops.isodim.discard() == {"FINISHED"}
    assert armature.animation_data.action == old
    again = values(old, rooms, times)
    assert all(np.array_equal(again[key], before[key]) for key in before)


def test_the_rig_shows_the_preview_at_once(rooms, mixamo, good):
    bpy.context.scene.frame_set(45)
    before = np.array(mixamo.pose.bones["mixamorig:LeftArm"].matrix)
    assert bpy.ops.isodim.redo_range(**ASKED) == {"FINISHED"}
    bpy.context.view_layer.update()
    shown = np.array(mixamo.pose.bones["mixamorig:LeftArm"].matrix)
    assert np.abs(shown - before).max() > 0.1
    bpy.context.scene.frame_set(45)
    np.testing.assert_allclose(mixamo.pose.bones["mixamorig:LeftArm"].matrix, shown, atol=1e-6)
    bpy.ops.isodim.discard()
    bpy.context.view_layer.update()
    np.testing.assert_allclose(mixamo.pose.bones["mixamorig:LeftArm"].matrix, before, atol=1e-6)


def test_what_follows_goes_along(rooms, mixamo, good):
    old = mixamo.animation_data.action
    motion = rooms("action.action_motion").motion_of(mixamo, old, bpy.context.scene)
    assert bpy.ops.isodim.redo_range(**ASKED, arrive=False) == {"FINISHED"}
    new = rooms("action.action_motion").motion_of(mixamo, mixamo.animation_data.action, bpy.context.scene)
    np.testing.assert_allclose(new.root[:28], motion.root[:28], atol=1e-5)
    np.testing.assert_allclose(new.root[-10:] - motion.root[-10:], [[0, 0, 0.2]] * 10, atol=0.03)


@pytest.mark.parametrize("before", [False, True])
def test_a_clip_grows_and_keeps_its_frames(rooms, mixamo, good, before):
    old = mixamo.animation_data.action
    first, last = (int(frame) for frame in old.frame_range)
    kept = values(old, rooms, np.arange(first, last + 1))
    assert bpy.ops.isodim.extend(prompt="a person waves", seconds=1.5, before=before) == {"FINISHED"}
    new = mixamo.animation_data.action
    frames = round(1.5 * FPS)
    assert tuple(new.frame_range) == ((first - frames, last) if before else (first, last + frames))
    after = values(new, rooms, np.arange(first, last + 1))
    assert all(np.array_equal(kept[key], after[key]) for key in kept)


def test_the_gap_between_keys_is_filled(rooms, mixamo, good):
    action = mixamo.animation_data.action
    for curve in rooms("editing.span").curves_of(mixamo, action):
        for key in reversed(curve.keyframe_points):
            if 30 < key.co.x < 60:
                curve.keyframe_points.remove(key)
    times = outside(31, 59, action.frame_range[1])
    before = values(action, rooms, times)
    assert bpy.ops.isodim.in_between(prompt="a person turns", start=40, end=50) == {"FINISHED"}
    after = values(mixamo.animation_data.action, rooms, times)
    assert all(np.array_equal(before[key], after[key]) for key in before)
    curve = rooms("editing.span").curves_of(mixamo, mixamo.animation_data.action)[0]
    assert sum(30 < key.co.x < 60 for key in curve.keyframe_points) == 29


def test_key_poses_go_along_and_their_error_comes_back(session, mixamo, good):
    bpy.context.scene.frame_set(45)
    bpy.ops.isodim.key_pose()
    assert bpy.ops.isodim.redo_range(**ASKED) == {"FINISHED"}
    assert "Key poses: 0.5 cm" in session.delivered.outcome.lines
    assert [entry.frame for entry in mixamo.animation_data.action.isodim.key_poses] == [45]


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ({"prompt": ""}, "prompt is ''"),
        ({"start": 60, "end": 30}, "not after the last"),
        ({"start": 1, "end": 96}, "some frames of the Action outside"),
        ({"end": 500}, "frames inside"),
        ({"end": 31}, "2 frames"),
        ({"source": "PREVIEW"}, "a preview range that is on"),
    ],
)
def test_a_refusal_changes_nothing_and_starts_nothing(session, mixamo, good, asked, part):
    actions = list(bpy.data.actions)
    with pytest.raises(RuntimeError, match=part):
        bpy.ops.isodim.redo_range(**(ASKED | asked))
    assert list(bpy.data.actions) == actions
    assert session.child is None


@pytest.mark.skipif(
    not os.environ.get("ISODIM_BACKEND_PYTHON"), reason="ISODIM_BACKEND_PYTHON names no Python with torch"
)
@pytest.mark.parametrize("name", ["mixamo", "generated"])
def test_the_real_backend_redoes_a_range(rooms, session, play, real_python, monkeypatch, name):
    monkeypatch.setenv("ISODIM_BACKEND_PYTHON", real_python)
    armature = RIGS[name]()
    old = play(armature)
    times = outside(30, 60, old.frame_range[1])
    before = values(old, rooms, times)
    assert bpy.ops.isodim.redo_range(**ASKED) == {"FINISHED"}
    after = values(armature.animation_data.action, rooms, times)
    assert all(np.array_equal(before[key], after[key]) for key in before)
    print(session.delivered.outcome.lines)
    assert bpy.ops.isodim.keep() == {"FINISHED"}


@pytest.fixture
def window(session, monkeypatch, stand_in):
    """As in a window, with a backend that takes its time: the operator returns at once, the test polls."""
    monkeypatch.setattr(session, "timers_fire", True)
    stand_in("slow")


def wait_for(session):
    while session.poll():
        time.sleep(0.005)


def test_an_armature_deleted_meanwhile_gets_nothing(session, mixamo, window):
    bpy.ops.isodim.redo_range(**ASKED)
    bpy.data.objects.remove(mixamo)
    actions = list(bpy.data.actions)
    wait_for(session)
    assert list(bpy.data.actions) == actions
    assert "The armature or its Action was deleted" in session.errors[0].sentence


def test_another_file_gets_nothing(session, mixamo, window):
    bpy.ops.isodim.redo_range(**ASKED)
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    wait_for(session)
    assert len(bpy.data.actions) == 0
    assert "Another file was opened" in session.errors[0].sentence


def test_a_renamed_armature_gets_its_edit_and_a_cancelled_one_stays(session, mixamo, window):
    old = mixamo.animation_data.action
    bpy.ops.isodim.redo_range(**ASKED)
    assert not bpy.ops.isodim.redo_range.poll()
    bpy.ops.isodim.cancel()
    wait_for(session)
    assert mixamo.animation_data.action == old
    assert not session.errors
    bpy.ops.isodim.redo_range(**ASKED)
    mixamo.name = "Hero"
    wait_for(session)
    assert mixamo.animation_data.action != old
    assert "Hero" in session.delivered.sentence


def test_a_linked_action_is_refused(mixamo, good, tmp_path):
    path = str(tmp_path / "linked.blend")
    bpy.data.libraries.write(path, {mixamo.animation_data.action})
    with bpy.data.libraries.load(path, link=True) as (there, here):
        here.actions = list(there.actions)
    mixamo.animation_data.action = here.actions[0]
    with pytest.raises(RuntimeError, match="linked"):
        bpy.ops.isodim.redo_range(**ASKED)


def test_one_undo_takes_an_edit_back(mixamo, good):
    name = mixamo.animation_data.action.name
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.isodim.redo_range(**ASKED)
    assert bpy.context.object.animation_data.action.name != name
    bpy.ops.ed.undo()
    assert bpy.context.object.animation_data.action.name == name
    bpy.ops.ed.redo()
    assert bpy.context.object.animation_data.action.isodim.preview
    assert bpy.ops.isodim.discard() == {"FINISHED"}
    assert bpy.context.object.animation_data.action.name == name
