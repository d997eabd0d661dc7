"""Transfer and reading on rigs whose joints are the canonical ones: laws that hold for any rolls, unit, turn and rest pose."""

import dataclasses

import numpy as np
import pytest
from isodim.common.errors import InputError
from isodim.common.motion import quaternions
from isodim.common.motion.skeleton import INDEX, JOINTS
from isodim.common.rigs.bone_map import BoneMap
from isodim.isodim_blender.rig import kinematics, reading, sharing, travel
from isodim.isodim_blender.rig.fit import fit
from isodim.isodim_blender.rig.rest import ArmaturePose
from isodim.isodim_blender.rig.retarget import transfer

from tests.addon import canonical_rig

TURNS = {
    "Y up": (1.0, 0.0, 0.0, 0.0),
    "Z up": quaternions.about((1.0, 0.0, 0.0), np.pi / 2),
    "Z up, facing +X": quaternions.multiply(
        quaternions.about((0.0, 0.0, 1.0), np.pi / 2), quaternions.about((1.0, 0.0, 0.0), np.pi / 2)
    ),
}
RESTS = {"T": 0.0, "A": 0.8, "I": 1.45}


@pytest.fixture(params=[(turn, rest) for turn in TURNS for rest in RESTS], ids=" ".join)
def case(request):
    turn, angle = TURNS[request.param[0]], RESTS[request.param[1]]
    motion = canonical_rig.lowered_arms(angle)
    rest = canonical_rig.make(motion, turn, scale=1.3, seed=len(request.param[0]), root=True)
    return rest, fit(rest, canonical_rig.bone_map(root=True)), motion, turn


def test_the_rest_pose_gives_the_rest_pose(case):
    rest, fitted, motion, _ = case
    channels = kinematics.channels(rest, transfer(fitted, motion))
    for values in channels.rotations.values():
        assert np.degrees(quaternions.angle_between(values, quaternions.identity())).max() < 0.005
    assert np.abs(channels.locations["pelvis"]).max() < 1e-5


def test_every_joint_is_where_the_clip_has_it(case):
    rest, fitted, _, turn = case
    motion = canonical_rig.random_clip()
    pose = transfer(fitted, motion)
    heads = kinematics.Kinematics(rest, pose).heads(rest.rig.index[name] for name in JOINTS)
    np.testing.assert_allclose(heads, quaternions.rotate(turn, motion.positions * 1.3), atol=1e-5)
    assert fitted.scale == pytest.approx(1.3)
    assert fitted.floor == pytest.approx(0.0, abs=1e-6)


def test_reading_gives_the_clip_back(case):
    _, fitted, _, _ = case
    motion = canonical_rig.random_clip(seed=3)
    again = reading.read(fitted, transfer(fitted, motion), motion.fps)
    np.testing.assert_allclose(again.positions, motion.positions, atol=1e-5)
    assert np.degrees(quaternions.angle_between(again.rotations, motion.rotations)).max() < 0.05
    again.check()


def test_a_pose_may_stand_for_the_rest():
    """A rig that rests with lowered arms and is then posed in a T is fitted by that T."""
    lowered = canonical_rig.lowered_arms(0.8)
    rest = canonical_rig.make(lowered)
    bones = canonical_rig.bone_map()
    t_pose = transfer(fit(rest, bones), canonical_rig.lowered_arms(0.0))
    fitted = fit(rest, bones, stance=t_pose)
    for slot in ("left_shoulder", "right_elbow"):
        np.testing.assert_allclose(np.abs(fitted.alignment[slot][0]), 1.0, atol=1e-9)
    np.testing.assert_allclose(
        kinematics.Kinematics(rest, transfer(fitted, canonical_rig.random_clip())).heads(range(22)),
        canonical_rig.random_clip().positions,
        atol=1e-5,
    )


@pytest.mark.parametrize("mode", travel.ROOTS)
def test_the_root_carries_the_travel_and_no_joint_moves(case, mode):
    rest, fitted, _, turn = case
    motion = canonical_rig.random_clip()
    pose = transfer(fitted, motion)
    moved, carried = travel.split(fitted, pose, mode, motion.fps)
    heads = kinematics.Kinematics(rest, moved).heads(rest.rig.index[name] for name in JOINTS)
    expected = quaternions.rotate(turn, motion.positions * 1.3)
    if mode == "IN_PLACE":
        way = (heads - expected)[:, :1]
        np.testing.assert_allclose(heads - expected, np.broadcast_to(way, heads.shape), atol=1e-5)
        assert np.abs(way @ fitted.up).max() < 1e-5
        flat = np.eye(3) - np.outer(fitted.up, fitted.up)
        assert _extent(heads[:, 1] @ flat) < 0.5 * _extent(expected[:, 1] @ flat)
        return
    if mode == "OBJECT":
        np.testing.assert_allclose(carried.rotations[0], quaternions.identity(), atol=1e-9)
        np.testing.assert_allclose(carried.translations[0], 0.0, atol=1e-9)
        assert np.ptp(carried.translations @ fitted.up) < 1e-9
        moved = travel.joined(moved, carried)
        heads = kinematics.Kinematics(rest, moved).heads(rest.rig.index[name] for name in JOINTS)
    np.testing.assert_allclose(heads, expected, atol=1e-5)


def _extent(path):
    return np.linalg.norm(np.ptp(path, axis=0))


def test_a_cartwheel_does_not_spin_the_root():
    """Upside down a body has no heading: it is carried over instead of turned about."""
    rest = canonical_rig.make(root=True)
    fitted = fit(rest, canonical_rig.bone_map(root=True))
    rotations = quaternions.identity(60, 22)
    rotations[:, 0] = quaternions.multiply(
        quaternions.about((0.0, 0.1, 0.995), np.linspace(0, 2 * np.pi, 60)),
        quaternions.about((0.0, 1.0, 0.0), 0.05 * np.sin(np.arange(60))),
    )
    motion = canonical_rig.clip(rotations, np.tile([0.0, 0.9, 0.0], (60, 1)))
    moved = travel.split(fitted, transfer(fitted, motion), "ROOT", 20.0)[0]
    turn = quaternions.angle_between(moved.rotations[0], moved.rotations[0][:1])
    assert np.degrees(turn).max() < 30.0
    assert np.degrees(quaternions.angle_between(moved.rotations[0][1:], moved.rotations[0][:-1])).max() < 3.0


def test_without_a_root_bone_the_choice_is_refused():
    rest = canonical_rig.make()
    fitted = fit(rest, canonical_rig.bone_map())
    with pytest.raises(InputError, match="root bone"):
        travel.split(fitted, transfer(fitted, canonical_rig.random_clip()), "ROOT", 20.0)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7])
def test_spines_of_any_count_end_as_the_chest_and_come_back(count):
    random = np.random.default_rng(count)
    knots = quaternions.normalized(quaternions.identity(9, 3) + random.normal(0.0, 0.15, (9, 3, 4)))
    places = sharing.arc(np.cumsum(random.uniform(0.5, 1.5, (count, 3)), axis=0))
    spread = sharing.spread_spine(knots, places)
    assert np.degrees(quaternions.angle_between(spread[:, -1], knots[:, 2])).max() < 1e-5
    gathered = sharing.gather_spine(spread, places)
    again = sharing.spread_spine(gathered, places)
    assert np.degrees(quaternions.angle_between(again, spread)).max() < 1e-4
    if count > 2:
        assert np.degrees(quaternions.angle_between(gathered, knots)).max() < 1e-4


def test_a_spine_of_canonical_proportions_turns_as_the_canonical_one():
    rest = canonical_rig.make()
    fitted = fit(rest, canonical_rig.bone_map())
    places = sharing.arc(rest.rig.heads[list(fitted.bones("spine"))])
    np.testing.assert_allclose(places, [0.0, sharing.SPINE_KNOT, 1.0], atol=1e-6)


def test_twist_is_shared_along_a_limb():
    """An upper arm of two segments, and a twist bone beside the forearm half way."""
    rest = canonical_rig.make()
    extra = {"left_shoulder": ("left_shoulder", "twist"), "left_elbow": ("left_elbow",)}
    rig = rest.rig
    heads = {name: rig.heads[rig.index[name]] for name in rig.names}
    added = {
        "twist": ("left_shoulder", (heads["left_shoulder"] + heads["left_elbow"]) / 2),
        "beside": ("left_elbow", (heads["left_elbow"] + heads["left_wrist"]) / 2),
    }
    rest = _with(rest, added)
    fitted = fit(rest, BoneMap(canonical_rig.SLOTS | extra, {"left_elbow": ("beside",)}))
    rotations = quaternions.identity(3, 22)
    angle = np.array([0.0, 0.5, 1.0])
    rotations[:, INDEX["left_shoulder"]] = quaternions.about((1.0, 0.0, 0.0), angle)
    rotations[:, INDEX["left_wrist"]] = quaternions.about((1.0, 0.0, 0.0), -angle)
    pose = transfer(fitted, canonical_rig.clip(rotations, np.zeros((3, 3))))

    def turned(name):
        bone = rest.rig.index[name]
        turn = quaternions.multiply(pose.rotations[bone], quaternions.inverse(rest.rotations[bone]))
        return sharing.twist_angle(turn, np.array([1.0, 0.0, 0.0]))

    np.testing.assert_allclose(turned("left_shoulder"), angle / 2, atol=1e-6)
    np.testing.assert_allclose(turned("twist"), angle, atol=1e-6)
    np.testing.assert_allclose(turned("left_elbow"), angle, atol=1e-6)
    np.testing.assert_allclose(turned("beside"), angle / 2, atol=1e-6)
    np.testing.assert_allclose(turned("left_wrist"), 0.0, atol=1e-6)


def _with(rest, added):
    rig = rest.rig
    parents = [rig.index[parent] for parent, _ in added.values()]
    heads = np.array([head for _, head in added.values()])
    longer = dataclasses.replace(
        rig,
        names=(*rig.names, *added),
        parents=(*rig.parents, *parents),
        heads=np.concatenate([rig.heads, heads]),
        tails=np.concatenate([rig.tails, heads + np.array([0.0, 0.1, 0.0])]),
    )
    flags = {
        name: np.concatenate([getattr(rest, name), np.full(len(added), name != "connected")])
        for name in ("inherits_rotation", "connected", "local_location")
    }
    rotations = np.concatenate([rest.rotations, quaternions.identity(len(added))])
    return dataclasses.replace(rest, rig=longer, rotations=rotations, **flags)


def test_a_bent_arm_keeps_its_hinge_on_the_canonical_one():
    """A rest pose with bent elbows and knees is straightened about the joints' own axes."""
    rotations = quaternions.identity(1, 22)
    for side, sign in (("left", -1.0), ("right", 1.0)):
        lower = quaternions.about((0.0, 0.0, 1.0), 0.7 * sign)
        roll = quaternions.about((1.0, 0.0, 0.0), 0.4)
        rotations[:, INDEX[f"{side}_shoulder"]] = quaternions.multiply(lower, roll)
        rotations[:, INDEX[f"{side}_elbow"]] = quaternions.about((0.0, 1.0, 0.0), 0.5 * sign)
        rotations[:, INDEX[f"{side}_knee"]] = quaternions.about((1.0, 0.0, 0.0), 0.3)
    motion = canonical_rig.clip(rotations, np.array([[0.0, 0.9, 0.0]]))
    rest = canonical_rig.make(motion, TURNS["Z up"])
    fitted = fit(rest, canonical_rig.bone_map())
    pose = transfer(fitted, motion)
    for slot in ("left_shoulder", "left_elbow", "left_wrist", "right_shoulder", "left_hip", "right_knee"):
        bone = rest.rig.index[slot]
        angle = quaternions.angle_between(pose.rotations[bone], rest.rotations[bone])
        assert np.degrees(angle).max() < 0.01, slot


def test_a_pose_without_bones_of_its_own_rests():
    rest = canonical_rig.make()
    found = kinematics.Kinematics(rest, ArmaturePose({}, {}))
    np.testing.assert_allclose(found.head(5)[0], rest.rig.heads[5], atol=1e-12)
