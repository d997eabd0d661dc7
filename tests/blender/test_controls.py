"""Clips on control rigs, judged by Blender: after the keys, the bones that follow the controls point as the pose says."""

import dataclasses

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from tools.rigs import build, clips  # noqa: E402 - needs bpy

TRUNK = ("pelvis", "spine", "neck", "head")
CLIPS = ("walk_backwards", "sit", "cartwheel")


@pytest.fixture
def rooms(extension):
    """rooms.fit is isodim_blender.rig.fit, and so on."""

    class Rooms:
        def __getattr__(self, name):
            return extension.room(
                {"quaternions": "common.motion.quaternions", "bone_map": "common.rigs.bone_map"}.get(
                    name, "isodim_blender.action.apply" if name == "apply" else f"isodim_blender.rig.{name}"
                )
            )

    return Rooms()


def errors(rooms, armature, found, pose, frames):
    """(bone, DEF or ORG) -> worst degrees between its direction and the pose's, and worst cm between the heads."""
    quaternions = rooms.quaternions
    rest = found.body(rooms.armature.rest_pose(armature))
    wanted = rooms.kinematics.Kinematics(rest, pose)
    worst = {}
    for frame in frames:
        bpy.context.scene.frame_set(1 + int(frame))
        for bone in (bone for bones in found.bone_map.slots.values() for bone in bones):
            index = rest.rig.index[bone]
            rotation, head = wanted.rotation(index), wanted.head(index)
            rotation, head = rotation[min(frame, len(rotation) - 1)], head[min(frame, len(head) - 1)]
            bare = bone.partition("-")[2]
            for name in {bone, f"DEF-{bare}"} if bare else {bone}:
                matrix = np.array(armature.pose.bones[name].matrix)
                along = matrix[:3, 1] / np.linalg.norm(matrix[:3, 1])
                # by the sine: the cosine of 4-byte matrices is good for .03 degrees only
                sine = np.linalg.norm(np.cross(along, quaternions.rotate(rotation, (0.0, 1.0, 0.0))))
                degrees = np.degrees(np.arctan2(sine, along @ quaternions.rotate(rotation, (0.0, 1.0, 0.0))))
                before = worst.get(name, (0.0, 0.0))
                apart = np.linalg.norm(matrix[:3, 3] - head) * 100
                worst[name] = (max(before[0], degrees), max(before[1], apart))
    return worst


def played(rooms, extension, armature, clip, kind, root):
    """The pose that a clip asks of the mapped bones, after its keys were written to the armature by hand of the controls."""
    bone_map = rooms.mapping.of(armature).check()
    found = rooms.controls.find(armature, bone_map)
    rest = rooms.armature.rest_pose(armature)
    fitted = rooms.fit.fit(found.body(rest), bone_map)
    pose, way = rooms.travel.split(fitted, rooms.retarget.transfer(fitted, clip), root, clip.fps)
    channels = dataclasses.replace(found.channels(rest, pose, kind), travel=way)
    tracks = extension.room("isodim_blender.action.curves").of_channels(armature, channels)
    extension.room("isodim_blender.action.keyframes").write(armature, "clip", tracks, 1, {})
    return found, pose, channels


@pytest.fixture(scope="module")
def saved(installed, tmp_path_factory):
    """A file with the rig that Rigify generates: generating takes seconds."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    installed.enable()
    armature = build.generated()
    path = str(tmp_path_factory.mktemp("rigify") / "rig.blend")
    bpy.data.libraries.write(path, {armature})
    return path


@pytest.fixture
def rigify(saved, extension):
    with bpy.data.libraries.load(saved) as (there, here):
        here.objects = there.objects
    armature = next(item for item in here.objects if item.type == "ARMATURE")
    bpy.context.scene.collection.objects.link(armature)
    bpy.context.view_layer.update()
    return armature


@pytest.mark.parametrize("root", ["HIPS", "ROOT", "OBJECT"])
@pytest.mark.parametrize("kind", ["FK", "IK"])
def test_rigify_points_as_the_pose_says(rooms, extension, rigify, kind, root):
    for name in CLIPS:
        clip = getattr(clips, name)()
        found, pose, _ = played(rooms, extension, rigify, clip, kind, root)
        assert found.title == "Rigify"
        worst = errors(rooms, rigify, found, pose, range(0, pose.frames, 6))
        assert len(worst) > 20
        assert max(degrees for degrees, _ in worst.values()) < 1.0, worst
        feet = [worst[bone][1] for bone in worst if "foot" in bone or "toe" in bone]
        assert max(feet) < 0.1, worst


def test_the_spine_and_the_neck_twist_and_bend_bone_by_bone(rooms, extension, rigify):
    quaternions = rooms.quaternions
    bone_map = rooms.mapping.of(rigify).check()
    found, rest = rooms.controls.find(rigify, bone_map), rooms.armature.rest_pose(rigify)
    random = np.random.default_rng(3)
    body = found.body(rest)
    pelvis = rest.rig.index[bone_map.bone("pelvis")]
    turns = quaternions.about([0.0, 0.0, 1.0], np.linspace(0, 3, 8))
    rotations = {}
    for bones in bone_map.slots.values():
        for bone in bones:
            axis = random.normal(size=3)
            own = quaternions.about(axis / np.linalg.norm(axis), random.uniform(-0.6, 0.6, 8))
            rotations[rest.rig.index[bone]] = quaternions.multiply(
                quaternions.multiply(turns, own), rest.rotations[rest.rig.index[bone]]
            )
    pose = rooms.rest.ArmaturePose(rotations, {pelvis: random.normal(size=(8, 3))})
    tracks = extension.room("isodim_blender.action.curves").of_channels(rigify, found.channels(rest, pose, "FK"))
    extension.room("isodim_blender.action.keyframes").write(rigify, "random", tracks, 1, {})
    worst = errors(rooms, rigify, found, pose, range(8))
    assert max(degrees for degrees, _ in worst.values()) < 0.05, worst
    assert max(apart for _, apart in worst.values()) < 0.01, worst
    for slot in TRUNK:  # with the twist, which direction does not show
        for bone in bone_map.slots[slot]:
            bpy.context.scene.frame_set(5)
            turned = np.array(rigify.pose.bones[bone].matrix.to_quaternion())
            apart = quaternions.angle_between(turned, pose.rotations[body.rig.index[bone]][4])
            assert np.degrees(apart) < 0.1, bone


def test_switches_of_the_animator_are_kept_and_reckoned_with(rooms, extension, rigify):
    bones = rigify.pose.bones
    bones["torso"]["neck_follow"], bones["torso"]["head_follow"] = 0.2, 1.0
    bones["upper_arm_parent.L"]["IK_parent"], bones["upper_arm_parent.L"]["pole_parent"] = 4, 2
    bones["thigh_parent.R"]["FK_limb_follow"], bones["thigh_parent.R"]["IK_parent"] = 1.0, 3
    for kind in ("FK", "IK"):
        found, pose, channels = played(rooms, extension, rigify, clips.sit(), kind, "ROOT")
        assert channels.properties['pose.bones["torso"]["head_follow"]'] == 1.0
        assert channels.properties['pose.bones["upper_arm_parent.L"]["IK_FK"]'] == (kind == "FK")
        worst = errors(rooms, rigify, found, pose, range(0, pose.frames, 7))
        assert max(degrees for degrees, _ in worst.values()) < 1.0, worst


@pytest.mark.parametrize("kind", ["FK", "IK"])
def test_controls_do_not_jump(rooms, extension, rigify, kind):
    found, pose, channels = played(rooms, extension, rigify, clips.walk_backwards(), kind, "HIPS")
    quickest = max(
        rooms.quaternions.angle_between(rotation[1:], rotation[:-1]).max() for rotation in pose.rotations.values()
    )
    for name, rotation in channels.rotations.items():
        assert np.sum(rotation[1:] * rotation[:-1], axis=-1).min() > 0, name
        assert rooms.quaternions.angle_between(rotation[1:], rotation[:-1]).max() < 2.5 * quickest, name
    body = found.body(rooms.armature.rest_pose(rigify))
    joints = rooms.kinematics.Kinematics(body, pose).heads(pose.rotations)
    quickest = np.linalg.norm(np.diff(joints, axis=0), axis=-1).max()
    for name, location in channels.locations.items():
        assert np.linalg.norm(np.diff(location, axis=0), axis=-1).max() < 1.5 * quickest, name


def test_an_action_on_the_controls_reads_back_as_the_clip(rooms, extension, rigify):
    found, pose, _ = played(rooms, extension, rigify, clips.walk_backwards(), "FK", "HIPS")
    bpy.context.scene.frame_set(31)
    for slot in TRUNK:
        for bone in found.bone_map.slots[slot]:
            turned = np.array(rigify.pose.bones[bone].matrix.to_quaternion())
            wanted = pose.rotations[rooms.armature.rest_pose(rigify).rig.index[bone]][30]
            assert np.degrees(rooms.quaternions.angle_between(turned, wanted)) < 0.1, bone
