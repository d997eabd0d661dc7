"""Key poses: read as the rig shows them, kept with the Action."""

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from tools.rigs import build, description  # noqa: E402


@pytest.mark.parametrize("root", ["HIPS", "OBJECT"])
def test_a_key_pose_is_what_the_clip_has_there(rooms, play, root):
    armature = build.build(description.describe("mixamo", rolls_seed=1), place="turned")
    action = play(armature, root=root)
    clip = rooms("action.action_motion").motion_of(armature, action, bpy.context.scene)
    bpy.context.scene.frame_set(31)
    assert bpy.ops.isodim.key_pose() == {"FINISHED"}
    span = rooms("editing.span").Span(20, 40, "typed")
    (key,) = rooms("editing.poses").inside(action, span, bpy.context.scene)
    assert key.frame == 30
    np.testing.assert_allclose(key.pose.positions[0], clip.positions[30], atol=1e-4)


def test_a_pose_by_hand_replaces_the_one_of_before_and_can_be_removed(rooms, mixamo):
    action = mixamo.animation_data.action
    bpy.context.scene.frame_set(10)
    bpy.ops.isodim.key_pose()
    first = action.isodim.key_poses[0].pose
    bone = mixamo.pose.bones["mixamorig:LeftArm"]
    bone.rotation_quaternion = (0.5, 0.5, 0.5, 0.5)
    bpy.context.view_layer.update()
    bpy.ops.isodim.key_pose()
    assert len(action.isodim.key_poses) == 1
    assert action.isodim.key_poses[0].pose != first
    bpy.context.scene.frame_set(12)
    with pytest.raises(RuntimeError, match="a frame with a key pose"):
        bpy.ops.isodim.key_pose(remove=True)
    assert bpy.ops.isodim.key_pose(remove=True, frame=10) == {"FINISHED"}
    assert len(action.isodim.key_poses) == 0
