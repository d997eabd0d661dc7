"""Clips that go onto a rig and come back, and Actions that become clips and Actions again, are the same."""

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from common.motion import quaternions as q  # noqa: E402
from tools.rigs import build, description  # noqa: E402
from tools.rigs.clips import CLIPS  # noqa: E402

MAKERS = description.makers()
MOST_DEGREES, MOST_M = 0.1, 1e-3
FEW_SPINE_BONES_M = 0.02
SPINE = ("spine1", "spine2")
ABOVE_HIPS = (
    *SPINE, "spine3", "neck", "head",
    *(f"{side}_{part}" for side in ("left", "right") for part in ("collar", "shoulder", "elbow", "wrist")),
)  # fmt: skip


@pytest.fixture
def rooms(extension):
    """rooms("rig.fit") is a room of the extension."""
    bpy.context.scene.render.fps = 24
    return lambda name: extension.room(f"isodim_blender.{name}")


def put(rooms, motion, armature, root="HIPS", frame=1):
    options = rooms("action.apply").Options(root=root, feet=False)
    rooms("action.apply").apply(motion, armature, bpy.context.scene, frame, "clip", options)
    return armature.animation_data.action


def back(rooms, armature):
    return rooms("action.action_motion").motion_of(armature, armature.animation_data.action, bpy.context.scene)


def differences(extension, wanted, found, without=()):
    """Largest angle (degrees) of a joint's world rotation and distance (m) of a joint."""
    skeleton = extension.room("common.motion.skeleton")
    joints = [joint for joint, name in enumerate(skeleton.JOINTS) if name not in without]
    assert wanted.frames == found.frames
    turns = [skeleton.poses(motion.rotations, motion.root)[0][:, joints] for motion in (wanted, found)]
    degrees = np.degrees(q.angle_between(*turns)).max()
    return degrees, np.linalg.norm((wanted.positions - found.positions)[:, joints], axis=-1).max()


def at(frame, armature, bones):
    """World matrices [bone, 4, 4]."""
    bpy.context.scene.frame_set(frame)
    evaluated = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return np.array([evaluated.matrix_world @ evaluated.pose.bones[name].matrix for name in bones])


def mapped(rooms, armature):
    return [bone for bones in rooms("rig.mapping").of(armature).bone_map.slots.values() for bone in bones]


def same_places(found, wanted, size):
    """Matrices [..., 4, 4] whose orientation and place, in a figure's `size`, are the same."""
    turns = [
        q.from_matrix(m[..., :3, :3] / np.linalg.norm(m[..., :3, :3], axis=-2, keepdims=True)) for m in (found, wanted)
    ]
    assert np.degrees(q.angle_between(*turns)).max() < MOST_DEGREES
    assert np.linalg.norm(found[..., :3, 3] - wanted[..., :3, 3], axis=-1).max() / size < MOST_M


@pytest.mark.parametrize("maker", MAKERS)
def test_a_clip_comes_back_from_a_rig(extension, rooms, maker):
    """A rig with one or two bones in its spine cannot tell the inner ones; what hangs on it goes on being right.

    Nor can a rig tell of a part that it lacks.
    """
    armature = build.build(description.describe(maker, rolls_seed=1), place="turned", mixed_modes=True)
    bone_map = rooms("rig.mapping").of(armature).bone_map
    spine = len(bone_map.slots.get("spine", ()))
    untold = (*bone_map.missing, *(SPINE if spine < 3 else ()))
    for name, make in CLIPS.items():
        motion = make().resampled(24)
        put(rooms, motion, armature)
        found = back(rooms, armature)
        degrees, metres = differences(extension, motion, found, untold)
        print(f"{maker}, spine of {spine}, {name}: {degrees:.4f} degrees, {metres * 1e3:.4f} mm")
        assert degrees < MOST_DEGREES
        assert metres < (MOST_M if spine >= 3 else FEW_SPINE_BONES_M)
        low = differences(extension, motion, found, (*bone_map.missing, *ABOVE_HIPS))
        assert low[1] < MOST_M


@pytest.mark.parametrize(("kind", "most_degrees"), [("metarig", MOST_DEGREES), ("FK", MOST_DEGREES), ("IK", 0.3)])
def test_a_clip_comes_back_from_rigify(extension, rooms, kind, most_degrees):
    """Of an IK limb the pole's side leaves a tenth of a degree where it is stretched."""
    armature = build.metarig() if kind == "metarig" else build.generated()
    options = rooms("action.apply").Options(feet=False, controls="IK" if kind == "IK" else "FK")
    for name, make in CLIPS.items():
        motion = make().resampled(24)
        rooms("action.apply").apply(motion, armature, bpy.context.scene, 1, "clip", options)
        degrees, metres = differences(extension, motion, back(rooms, armature))
        print(f"Rigify {kind}, {name}: {degrees:.4f} degrees, {metres * 1e3:.4f} mm")
        assert degrees < most_degrees
        assert metres < MOST_M


@pytest.mark.parametrize("root", ["HIPS", "ROOT", "OBJECT"])
@pytest.mark.parametrize("place", build.PLACES)
def test_whatever_carries_the_figure_and_wherever_it_stands(extension, rooms, root, place):
    motion = CLIPS["walk_backwards"]().resampled(24)
    armature = build.build(description.describe("ue5", rolls_seed=2), place=place)
    put(rooms, motion, armature, root, frame=31)
    degrees, metres = differences(extension, motion, back(rooms, armature))
    assert degrees < MOST_DEGREES
    assert metres < MOST_M


def by_hand(armature, bones, frames=20):
    """An Action that turns every bone, moves the hips and moves and turns the object, in Euler and quaternion channels."""
    random = np.random.default_rng(3)
    turn = random.uniform(-0.7, 0.7, (len(bones), 2, 3))
    for step, frame in enumerate((5, 5 + frames // 2, 5 + frames)):
        for number, name in enumerate(bones):
            bone = armature.pose.bones[name]
            angles = turn[number, step % 2] * (step + 1) / 3
            if number == 0:
                bone.location = random.uniform(-0.2, 0.2, 3)
                bone.keyframe_insert("location", frame=frame)
            if bone.rotation_mode == "QUATERNION":
                length = max(np.linalg.norm(angles), 1e-9)
                bone.rotation_quaternion = (np.cos(length / 2), *(np.sin(length / 2) * angles / length))
                bone.keyframe_insert("rotation_quaternion", frame=frame)
            else:
                bone.rotation_euler = angles
                bone.keyframe_insert("rotation_euler", frame=frame)
        armature.location, armature.rotation_euler[2] = (0.3 * step, 0.1 + step, 0.02), 0.4 * step
        armature.keyframe_insert("location", frame=frame)
        armature.keyframe_insert("rotation_euler", frame=frame)
    return armature.animation_data.action


@pytest.mark.parametrize("root", ["HIPS", "OBJECT"])
def test_an_action_made_by_hand_comes_back(extension, rooms, root):
    """Every bone of a rig with one bone a joint may turn as it likes; the object's own way is part of the clip."""
    armature = build.build(description.describe("mixamo", rolls_seed=4))
    bones = mapped(rooms, armature)
    for name in bones[::2]:
        armature.pose.bones[name].rotation_mode = "XYZ"
    by_hand(armature, bones)
    frames = range(5, 26)
    wanted = np.array([at(frame, armature, bones) for frame in frames])
    motion = back(rooms, armature)
    assert motion.frames == len(frames)
    bpy.context.scene.frame_set(5)
    put(rooms, motion, armature, root, frame=5)
    same_places(np.array([at(frame, armature, bones) for frame in frames]), wanted, size=1.0)
    assert np.abs(np.diff(wanted, axis=0)).max() > 0.01


def test_an_action_made_of_a_clip_comes_back_bone_by_bone(extension, rooms):
    """Twist bones and later segments of limbs included."""
    for maker in ("daz8", "cc", "ue5", "mpfb"):
        armature = build.build(description.describe(maker, rolls_seed=5))
        put(rooms, CLIPS["cartwheel"]().resampled(24), armature)
        bones = mapped(rooms, armature)
        frames = rooms("rig.recording").frames_of(armature.animation_data.action)
        wanted = np.array([at(frame, armature, bones) for frame in frames])
        put(rooms, back(rooms, armature), armature)
        size = np.ptp(np.array([bone.head_local for bone in armature.data.bones]), axis=0).max() / 1.7
        same_places(np.array([at(frame, armature, bones) for frame in frames]), wanted, size)


def test_constraints_count_and_what_no_key_moves_rests(extension, rooms, make_motion):
    armature = build.build(description.describe("mixamo"))
    slots = rooms("rig.mapping").of(armature).bone_map
    motion = make_motion(30, fps=24.0)
    put(rooms, motion, armature)
    head, arm = armature.pose.bones[slots.bone("head")], armature.pose.bones[slots.bone("left_shoulder")]
    limit = head.constraints.new("LIMIT_ROTATION")
    limit.owner_space = "LOCAL"
    limit.use_limit_x = limit.use_limit_y = limit.use_limit_z = True
    for _, curve in rooms("slots").curves_of(armature.animation_data.action):
        curve.mute = curve.mute or f'"{arm.name}"' in curve.data_path
    arm.rotation_quaternion = (0.0, 1.0, 0.0, 0.0)
    index = extension.room("common.motion.skeleton").INDEX
    found = back(rooms, armature)
    np.testing.assert_allclose(np.abs(found.rotations[:, index["head"], 0]), 1.0, atol=1e-6)
    assert np.abs(np.abs(motion.rotations[:, index["head"], 0]) - 1.0).max() > 0.01
    arms = found.rotations[:, index["left_shoulder"]]
    assert q.angle_between(arms, arms[:1]).max() < 1e-3
    assert tuple(arm.rotation_quaternion) == (0.0, 1.0, 0.0, 0.0)


def test_contacts_are_found_on_the_rig(extension, rooms):
    motion = CLIPS["walk_backwards"]().resampled(24)
    for maker in ("mixamo", "creature"):
        armature = build.build(description.describe(maker), place="fbx")
        put(rooms, motion, armature)
        found = back(rooms, armature).contacts
        agree = (found > 0.5) == (motion.contacts > 0.5)
        print(maker, agree.mean())
        assert agree.mean() > 0.85
        assert 0.1 < found.mean() < 0.95


@pytest.mark.parametrize("maker", description.makers(whole=False))
def test_a_rig_that_cannot_be_mapped_is_one_sentence(extension, rooms, maker):
    armature = build.build(description.describe(maker))
    armature.animation_data_create().action = bpy.data.actions.new("x")
    with pytest.raises(extension.room("common.errors").InputError, match="Bone map"):
        back(rooms, armature)
