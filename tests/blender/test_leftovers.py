"""A clip on a rig that another Action or a hand has moved before: nothing of that shows in what the clip moves."""

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from tools.rigs import build, description  # noqa: E402
from tools.rigs.resting import rest_motion  # noqa: E402


@pytest.fixture
def described():
    return description.describe("ue5", rolls_seed=3)


@pytest.fixture
def armature(extension, described):
    return build.build(described, mixed_modes=True)


def off(armature, name):
    """How far a bone is from its rest, armature space."""
    bpy.context.view_layer.update()
    shown = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
    difference = np.array(shown.pose.bones[name].matrix) - np.array(armature.data.bones[name].matrix_local)
    return np.abs(difference).max()


def put(clip, motion, frame, **options):
    bpy.context.scene.frame_set(frame)
    assert bpy.ops.isodim.apply_clip(filepath=clip(motion), feet=False, **options) == {"FINISHED"}
    bpy.context.scene.frame_set(frame + 1)


@pytest.mark.parametrize("keys", ["EVERY_FRAME", "SPARSE"])
def test_a_root_bone_goes_back_when_the_hips_carry_the_next_clip(make_motion, clip, described, armature, keys):
    put(clip, make_motion(), 1, root="ROOT")
    root = described.bone_map.root
    bpy.context.scene.frame_set(40)
    assert off(armature, root) > 0.03 * described.unit
    put(clip, rest_motion(described), 40, root="HIPS", keys=keys)
    for name in (root, *(bones[0] for bones in described.bone_map.slots.values())):
        assert off(armature, name) < 2e-4 * described.unit, name


def test_a_shift_by_hand_of_a_bone_that_the_clip_turns_is_undone(clip, described, armature):
    hand, finger = described.bone_map.bone("left_wrist"), None
    mapped = {bone for bones in described.bone_map.slots.values() for bone in bones}
    finger = next(child.name for child in armature.data.bones[hand].children_recursive if child.name not in mapped)
    for name in (described.bone_map.bone("left_elbow"), finger):
        armature.pose.bones[name].location = (0.1 * described.unit, 0.0, 0.0)
    before = tuple(armature.pose.bones[finger].location)
    put(clip, rest_motion(described), 1)
    assert off(armature, hand) < 2e-4 * described.unit
    assert tuple(armature.pose.bones[finger].location) == before


def test_locked_channels_and_a_root_bone_that_stands_somewhere_stay(clip, described, armature):
    root, elbow = described.bone_map.root, described.bone_map.bone("left_elbow")
    armature.pose.bones[root].location = (described.unit, 0.0, 0.0)
    armature.pose.bones[elbow].location = (0.1 * described.unit, 0.0, 0.0)
    armature.pose.bones[elbow].lock_location[0] = True
    put(clip, rest_motion(described), 1)
    assert armature.pose.bones[root].location[0] == pytest.approx(described.unit)
    assert armature.pose.bones[elbow].location[0] == pytest.approx(0.1 * described.unit)


def test_a_rig_at_rest_gets_no_such_keys(extension, make_motion, clip, described, armature):
    put(clip, make_motion(), 1)
    paths = [path for _, path in extension.room("isodim_blender.slots").curve_paths(armature.animation_data.action)]
    assert not [path for path in paths if path.endswith("scale")]
    assert {path for path in paths if path.endswith("location")} == {
        f'pose.bones["{described.bone_map.bone("pelvis")}"].location'
    }
