"""Our rules for parents are Blender's: channels keyed on random bones give the pose that was asked for."""

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")
mathutils = pytest.importorskip("mathutils")


def random_armature(seed, count=12):
    """Bones of random lengths, directions, rolls and parents; some inherit no rotation, some move along other axes."""
    random = np.random.default_rng(seed)
    data = bpy.data.armatures.new("random")
    armature = bpy.data.objects.new("random", data)
    bpy.context.scene.collection.objects.link(armature)
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    for number in range(count):
        bone = data.edit_bones.new(f"b{number}")
        bone.head = random.normal(size=3)
        bone.tail = bone.head + mathutils.Vector(random.normal(size=3))
        bone.roll = random.uniform(-3, 3)
        if number > 1:
            bone.parent = data.edit_bones[f"b{random.integers(number)}"]
            bone.use_connect = random.uniform() < 0.3
        bone.use_inherit_rotation = random.uniform() < 0.7
        bone.use_local_location = random.uniform() < 0.7
    bpy.ops.object.mode_set(mode="OBJECT")
    return armature


@pytest.mark.parametrize("seed", range(4))
def test_channels_give_the_pose_that_was_asked_for(extension, seed):
    rooms = {name: extension.room(f"isodim_blender.rig.{name}") for name in ("armature", "rest", "kinematics")}
    quaternions = extension.room("common.motion.quaternions")
    armature = random_armature(seed)
    rest = rooms["armature"].rest_pose(armature)
    random = np.random.default_rng(seed)
    count = len(rest.rig.names)
    chosen = [bone for bone in range(count) if random.uniform() < 0.6] or [0]
    moved = [bone for bone in chosen if not rest.connected[bone]]
    pose = rooms["rest"].ArmaturePose(
        {bone: quaternions.normalized(random.normal(size=(3, 4))) for bone in chosen},
        {bone: random.normal(size=(3, 3)) for bone in moved},
    )
    channels = rooms["kinematics"].channels(rest, pose)
    again = rooms["kinematics"].posed(rest, channels)
    for frame in range(3):
        for name, values in channels.rotations.items():
            armature.pose.bones[name].rotation_mode = "QUATERNION"
            armature.pose.bones[name].rotation_quaternion = values[frame]
        for name, values in channels.locations.items():
            armature.pose.bones[name].location = values[frame]
        bpy.context.view_layer.update()
        found = [armature.pose.bones[name].matrix for name in rest.rig.names]
        heads = rooms["kinematics"].Kinematics(rest, pose).heads(range(count))[frame]
        np.testing.assert_allclose([matrix.translation for matrix in found], heads, atol=2e-5)
        for bone in chosen:
            expected = quaternions.to_matrix(pose.rotations[bone][frame])
            np.testing.assert_allclose(np.array(found[bone].to_3x3()), expected, atol=2e-5)
            np.testing.assert_allclose(quaternions.to_matrix(again.rotations[bone][frame]), expected, atol=1e-9)
    for bone in moved:
        np.testing.assert_allclose(again.heads[bone], pose.heads[bone], atol=1e-9)


def test_a_connected_bone_is_carried_by_the_first_free_one_above(extension):
    """As the hips of a rig whose hips hang on the tail of a root bone."""
    rooms = {name: extension.room(f"isodim_blender.rig.{name}") for name in ("armature", "rest", "kinematics")}
    armature = random_armature(1, count=3)
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    bones = armature.data.edit_bones
    for name, parent in (("b1", "b0"), ("b2", "b1")):
        bones[name].parent, bones[name].use_connect = bones[parent], True
    bpy.ops.object.mode_set(mode="OBJECT")
    rest = rooms["armature"].rest_pose(armature)
    head = np.array([[1.0, 2.0, 3.0]])
    hips = rest.rig.index["b2"]
    pose = rooms["rest"].ArmaturePose({hips: np.array([[0.6, 0.8, 0.0, 0.0]])}, {hips: head})
    channels = rooms["kinematics"].channels(rest, pose)
    assert set(channels.locations) == {"b0"}
    armature.pose.bones["b0"].location = channels.locations["b0"][0]
    armature.pose.bones["b2"].rotation_mode = "QUATERNION"
    armature.pose.bones["b2"].rotation_quaternion = channels.rotations["b2"][0]
    bpy.context.view_layer.update()
    np.testing.assert_allclose(armature.pose.bones["b2"].head, head[0], atol=2e-5)
