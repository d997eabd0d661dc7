"""Any humanoid rig: a clip on makers' rigs with any rest, rolls and place, as Blender itself evaluates it."""

import time

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from common.motion import clip_file  # noqa: E402
from common.motion import quaternions as q  # noqa: E402
from common.motion.skeleton import CONTACT_JOINTS, INDEX, JOINTS  # noqa: E402
from tools.rigs import build, description  # noqa: E402
from tools.rigs.clips import CLIPS  # noqa: E402
from tools.rigs.resting import rest_motion  # noqa: E402

MAKERS = description.makers()
RIGS = {maker: {"maker": maker} for maker in MAKERS} | {
    "mixamo without namespace": {"maker": "mixamo", "prefix": ""},
    "numbers for names": {"maker": "unity", "anonymous": True},
}
RESTS = {"T": ("T",), "A bent": ("A", 20, 15, 5), "I": ("I", 0, 0, 2)}
LIMBS = [
    (f"{side}_{start}", f"{side}_{end}")
    for side in ("left", "right")
    for start, end in (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"))
]
FPS = 24
TIMED_S, NOISE = 0.5, 2.0


@pytest.fixture
def rooms(extension):
    """rooms("rig.fit") is a room of the extension."""
    return lambda name: extension.room(f"isodim_blender.{name}")


@pytest.fixture
def put(rooms):
    """put(motion, armature, feet=False, ...): through the extension; the result."""

    def apply(motion, armature, **options):
        room = rooms("action.apply")
        bpy.context.scene.render.fps = FPS
        return room.apply(motion, armature, bpy.context.scene, 1, "clip", room.Options(**options))

    return apply


@pytest.fixture(scope="session")
def generated(tmp_path_factory, real_python):
    """A clip of the bundled weights."""
    import os
    import subprocess

    from tools.checkout import ROOT

    path = tmp_path_factory.mktemp("clip") / "wave.npz"
    command = [real_python, "-P", "-B", "-m", "backend", "generate", "a person walks forward and waves"]
    command += ["--seconds", "4", "--seed", "3", "--out", str(path)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    return clip_file.load(path)


@pytest.fixture(params=[*CLIPS, "generated"])
def clip(request):
    return request.getfixturevalue("generated") if request.param == "generated" else CLIPS[request.param]()


def evaluated(armature, names, frames):
    """[frame, bone, 4, 4]: world matrices of the bones, as Blender shows them."""
    found = np.empty((frames, len(names), 4, 4))
    for frame in range(frames):
        bpy.context.scene.frame_set(1 + frame)
        shown = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
        found[frame] = [shown.matrix_world @ shown.pose.bones[name].matrix for name in names]
    return found


def directions(motion, armature, bone_map, wire):
    """[frame, limb] degrees between the limbs of the clip and those that Blender shows; wire: [3, 3], to the world."""
    moved = motion.resampled(FPS)
    slots = sorted({slot for limb in LIMBS for slot in limb})
    heads = evaluated(armature, [bone_map.bone(slot) for slot in slots], moved.frames)[..., :3, 3]
    worst = []
    for start, end in LIMBS:
        here = (moved.positions[:, INDEX[end]] - moved.positions[:, INDEX[start]]) @ wire.T
        there = heads[:, slots.index(end)] - heads[:, slots.index(start)]
        lengths = np.linalg.norm(here, axis=-1) * np.linalg.norm(there, axis=-1)
        worst.append(np.degrees(np.arccos(np.clip(np.sum(here * there, axis=-1) / lengths, -1, 1))))
    return np.stack(worst, axis=-1)


def world_of(armature, found):
    """[3, 3]: the rotation from the wire's axes to the world."""
    turn = np.array(armature.matrix_world.to_3x3().normalized())
    return turn @ q.to_matrix(found.wire)


def test_there_are_enough_rigs():
    assert len(RIGS) >= 12


@pytest.mark.parametrize("maker", MAKERS)
def test_blender_has_the_rest_pose_that_was_described(rooms, maker):
    found = description.describe(maker, rolls_seed=1)
    rest = rooms("rig.armature").rest_pose(build.build(found))
    assert set(rest.rig.names) == set(found.rig.names)
    order = [rest.rig.index[name] for name in found.rig.names]
    size = np.ptp(found.rig.heads, axis=0).max()
    np.testing.assert_allclose(rest.rig.heads[order], found.rig.heads, atol=1e-5 * size)
    assert np.degrees(q.angle_between(rest.rotations[order], found.rotations)).max() < 0.05


@pytest.mark.parametrize("rest", RESTS)
@pytest.mark.parametrize("rig", RIGS)
def test_the_rest_pose_comes_back(put, rig, rest):
    for seed, place in enumerate(build.PLACES):
        found = description.describe(RIGS[rig]["maker"], *RESTS[rest], rolls_seed=seed, **without(RIGS[rig], "maker"))
        armature = build.build(found, place, mixed_modes=True)
        put(rest_motion(found), armature)
        bpy.context.scene.frame_set(2)
        shown = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
        for name in found.rig.names:
            was, now = armature.data.bones[name].matrix_local, shown.pose.bones[name].matrix
            turned = np.array(was.to_3x3()).T @ np.array(now.to_3x3())
            assert np.degrees(np.linalg.norm(turned - np.eye(3)) / np.sqrt(2)) < 0.01, (place, name)
            assert (was.translation - now.translation).length < 1e-4 * found.unit, (place, name)
        bpy.data.objects.remove(armature)


@pytest.mark.parametrize("maker", MAKERS)
def test_limbs_point_as_the_clip_has_them(put, clip, maker):
    number = MAKERS.index(maker)
    found = description.describe(maker, "TAI"[number % 3], rolls_seed=number, proportions="canonical")
    armature = build.build(found, build.PLACES[number % 4], mixed_modes=True)
    put(clip, armature, feet=False)
    worst = directions(clip, armature, found.bone_map, world_of(armature, found)).max()
    assert worst < 1.0


@pytest.mark.parametrize("maker", MAKERS)
def test_feet_stand_where_they_stand(put, clip, maker):
    found = description.describe(maker, rolls_seed=2)
    armature = build.build(found)
    result = put(clip, armature)
    assert result.slide_cm[1] <= 1.0
    moved = clip.resampled(FPS)
    worst = 0.0
    for column, joint in enumerate(JOINTS[joint] for joint in CONTACT_JOINTS):
        bone = found.bone_map.bone(joint)
        held = moved.contacts > 0.999
        # While an ankle stands, its foot may roll over it: the toes are what stands only afterwards.
        stands = np.flatnonzero(held[:, column] & ~(held[:, column - 1] & (column % 2 == 1)))
        if bone is None or not len(stands):
            continue
        path = evaluated(armature, [bone], moved.frames)[stands, 0, :2, 3]
        runs = np.split(path, np.flatnonzero(np.diff(stands) > 1) + 1)
        worst = max(worst, *(np.linalg.norm(run - np.median(run, axis=0), axis=-1).max() for run in runs))
    assert worst <= 0.01


def test_locked_and_unmapped_channels_get_no_keys(put, rooms):
    found = description.describe("ue5", rolls_seed=4)
    armature = build.build(found, mixed_modes=True, locks=("head", "left_elbow"))
    put(CLIPS["crouch"](), armature)
    curves = {(curve.data_path, curve.array_index) for curve in all_curves(armature)}
    keyed = {path.split('"')[1] for path, _ in curves}
    mapped = {bone for bones in [*found.bone_map.slots.values(), *found.bone_map.twists.values()] for bone in bones}
    assert keyed <= mapped
    for slot in ("head", "left_elbow"):
        bone = found.bone_map.bone(slot)
        locked = {index for path, index in curves if f'"{bone}"' in path and "rotation" in path}
        shift = 1 if armature.pose.bones[bone].rotation_mode in ("QUATERNION", "AXIS_ANGLE") else 0
        assert not locked & {1 + shift, 2 + shift}


def all_curves(armature):
    action = armature.animation_data.action
    if hasattr(action, "fcurves"):
        return list(action.fcurves)
    return [
        curve for layer in action.layers for strip in layer.strips for bag in strip.channelbags for curve in bag.fcurves
    ]


def without(mapping, key):
    return {name: value for name, value in mapping.items() if name != key}


@pytest.mark.parametrize("kind", ["metarig", "generated"])
def test_rigify_rests_and_points_as_the_clip(put, rooms, extension, kind):
    armature = getattr(build, kind)()
    rest = rooms("rig.armature").rest_pose(armature)
    bone_map = extension.room("common.rigs.matching").match(rest.rig).bone_map
    assert not set(bone_map.missing)
    motion = CLIPS["crouch"]()
    put(motion, armature, feet=False)
    wire = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
    assert directions(motion, armature, bone_map, wire).max() < 1.0
    fitted = rooms("rig.fit").fit(rest, bone_map)
    pose = rooms("rig.rest").ArmaturePose(
        {number: rotation[None] for number, rotation in enumerate(rest.rotations)},
        {number: head[None] for number, head in enumerate(rest.rig.heads)},
    )
    put(rooms("rig.reading").read(fitted, pose, 20.0), armature, feet=False)
    for slot, (name, *_) in bone_map.slots.items():
        now = evaluated(armature, [name], 1)[0, 0]
        turned = np.array(armature.data.bones[name].matrix_local)[:3, :3].T @ now[:3, :3]
        assert np.degrees(np.linalg.norm(turned - np.eye(3)) / np.sqrt(2)) < 0.01, slot


def test_700_bones_and_200_frames_take_half_a_second(put, capsys):
    armature = build.build(build.many_bones("ue5", 700))
    motion = CLIPS["walk_backwards"](round(200 / FPS * 20))
    before = time.process_time()
    put(motion, armature)
    seconds = time.process_time() - before
    with capsys.disabled():
        print(f"\n    700 bones, {round(armature.animation_data.action.frame_range[1])} frames: {seconds:.3f} s")
    assert seconds < NOISE * TIMED_S
