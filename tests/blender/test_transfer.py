"""Clips go from rigs into files, and from one rig onto another; the scene stays as it was."""

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from common.motion import quaternions as q  # noqa: E402
from tests.blender.scene_facts import everything  # noqa: E402
from tools.rigs import build, description  # noqa: E402
from tools.rigs.clips import CLIPS  # noqa: E402

FPS = 24


@pytest.fixture
def rooms(extension):
    bpy.context.scene.render.fps = FPS
    return lambda name: extension.room(f"isodim_blender.{name}")


@pytest.fixture
def source(rooms):
    """A Mixamo-like rig that plays a backwards walk from frame 7 on."""
    armature = build.build(description.describe("mixamo", rolls_seed=1), place="turned")
    options = rooms("action.apply").Options(feet=False)
    motion = CLIPS["walk_backwards"]()
    motion.meta["prompt"] = "a person walks backwards"
    rooms("action.apply").apply(motion, armature, bpy.context.scene, 7, "clip", options)
    return armature


@pytest.mark.parametrize("ending", ["npz", "bvh"])
def test_a_saved_clip_is_what_the_rig_plays(extension, source, ending, tmp_path):
    bpy.context.scene.frame_set(9)
    before = everything(source)
    path = tmp_path / f"clip.{ending}"
    assert bpy.ops.isodim.save_clip(filepath=str(path)) == {"FINISHED"}
    assert everything(source) == before
    found = extension.room("common.motion.clip_file").load(path)
    wanted = CLIPS["walk_backwards"]().resampled(FPS)
    assert found.fps == FPS
    np.testing.assert_allclose(found.positions, wanted.positions, atol=1e-3)
    if ending == "npz":
        assert found.meta["prompt"] == "a person walks backwards"
        assert found.meta["action"] == source.animation_data.action.name
        assert ((found.contacts > 0.5) == (wanted.contacts > 0.5)).mean() > 0.85


def test_what_cannot_be_saved_is_one_sentence(source, tmp_path):
    with pytest.raises(RuntimeError, match=r"clip file is 'clip.txt', expected a name that ends in .npz or .bvh"):
        bpy.ops.isodim.save_clip(filepath=str(tmp_path / "clip.txt"))
    with pytest.raises(RuntimeError, match=r"Folder is .*, expected a folder that exists"):
        bpy.ops.isodim.save_clip(filepath=str(tmp_path / "none" / "clip.npz"))
    assert list(tmp_path.iterdir()) == []
    source.animation_data.action = None
    assert not bpy.ops.isodim.save_clip.poll()


def test_a_clip_goes_from_rig_to_rig(extension, rooms, source):
    """Another maker's rig in centimetres, and back by name: the same clip, at the same frames."""
    scene = bpy.context.scene
    first = rooms("action.action_motion").motion_of(source, source.animation_data.action, scene)
    other = build.build(description.describe("ue5", rolls_seed=3), place="fbx")
    assert bpy.ops.isodim.copy_clip(source=source.name, feet=False) == {"FINISHED"}
    action = other.animation_data.action
    assert action.name.startswith("a person walks backwards")
    assert action != source.animation_data.action
    assert round(action.frame_range[0]) == 7
    second = rooms("action.action_motion").motion_of(other, action, scene)
    skeleton = extension.room("common.motion.skeleton")
    turns = [skeleton.poses(motion.rotations, motion.root)[0] for motion in (first, second)]
    assert np.degrees(q.angle_between(*turns)).max() < 0.1
    np.testing.assert_allclose(first.root, second.root, atol=1e-3)


def test_what_cannot_be_copied_is_one_sentence(rooms, source):
    assert not bpy.ops.isodim.copy_clip.poll()
    other = build.build(description.describe("unity"))
    assert bpy.ops.isodim.copy_clip.poll()
    with pytest.raises(
        RuntimeError, match=r"From is 'nobody', expected another armature of the scene with an Action: "
    ):
        bpy.ops.isodim.copy_clip(source="nobody")
    build.build(description.describe("three_bones"))
    with pytest.raises(RuntimeError, match="Bone map"):
        bpy.ops.isodim.copy_clip(source=source.name)
    assert other.animation_data is None
    bpy.context.view_layer.objects.active = None
    assert not bpy.ops.isodim.copy_clip.poll()
