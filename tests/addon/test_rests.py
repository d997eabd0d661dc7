"""Transfer on the makers' rigs: rest in gives rest out, and limbs point as the clip's do, whatever the rest and the rolls."""

import dataclasses

import numpy as np
import pytest
from isodim.isodim_blender.rig import feet, kinematics
from isodim.isodim_blender.rig.fit import fit
from isodim.isodim_blender.rig.place import Place
from isodim.isodim_blender.rig.retarget import transfer

from common.motion import quaternions
from common.motion.skeleton import INDEX
from tests.addon.described import rest_pose
from tools.rigs import description, rests
from tools.rigs.clips import CLIPS
from tools.rigs.resting import rest_motion

MAKERS = description.makers()
RESTS = [("T", 0, 0, 0), ("A", 0, 0, 3), ("I", 0, 0, 0), ("A", 20, 15, 6), ("T", 1, 1, 0)]
"""Kind, degrees of bend of elbows and knees, legs apart."""
LIMBS = [
    (f"{side}_{start}", f"{side}_{end}")
    for side in ("left", "right")
    for start, end in (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"))
]


@pytest.mark.parametrize("rest", RESTS, ids=lambda rest: "-".join(map(str, rest)))
@pytest.mark.parametrize("maker", MAKERS)
def test_the_rest_pose_gives_no_channels(maker, rest):
    for seed in (None, 1, 2):
        found = description.describe(maker, *rest, rolls_seed=seed)
        pure = rest_pose(found)
        channels = kinematics.channels(pure, transfer(fit(pure, found.bone_map), rest_motion(found)))
        mapped = {bones[0] for bones in found.bone_map.slots.values()}
        assert mapped <= channels.rotations.keys()
        for name, values in channels.rotations.items():
            assert np.degrees(quaternions.angle_between(values, quaternions.identity())).max() < 0.01, name
        for name, values in channels.locations.items():
            assert np.abs(values).max() < 1e-4 * found.unit, name


@pytest.mark.parametrize("clip", CLIPS)
@pytest.mark.parametrize("maker", MAKERS)
def test_limbs_point_as_the_clip_has_them(maker, clip):
    motion = CLIPS[clip]()
    for rest, proportions in (("A", "canonical"), ("T", "own")):
        found = description.describe(maker, rest, proportions=proportions, rolls_seed=3)
        pure = rest_pose(found)
        heads = kinematics.Kinematics(pure, transfer(fit(pure, found.bone_map), motion)).heads(
            range(len(found.rig.names))
        )
        worst = max(
            np.degrees(angles(motion.positions[:, INDEX[a]], motion.positions[:, INDEX[b]], heads, found, a, b)).max()
            for a, b in LIMBS
        )
        assert worst < 1.0


@pytest.mark.parametrize("kind", rests.LOW)
@pytest.mark.parametrize("maker", ["mixamo", "vroid"])
def test_a_rest_that_stands_low_plays_on_straight_legs(maker, kind):
    motion = CLIPS["walk_backwards"]()
    found = rests.LOW[kind](description.describe(maker, rolls_seed=1, proportions="canonical"))
    pure = rest_pose(found)
    fitted = fit(pure, found.bone_map)
    heads = kinematics.Kinematics(pure, transfer(fitted, motion)).heads(range(len(found.rig.names)))
    for a, b in LIMBS:
        turned = angles(motion.positions[:, INDEX[a]], motion.positions[:, INDEX[b]], heads, found, a, b)
        assert np.degrees(turned).max() < 1.0
    ankles = heads[:, found.rig.index[found.bone_map.bone("left_ankle")]] @ fitted.up - fitted.floor
    np.testing.assert_allclose(ankles / fitted.scale, motion.positions[:, INDEX["left_ankle"], 1], atol=0.02)


def angles(start, end, heads, found, *slots):
    """[frame] rad between a limb of the clip and of the rig."""
    first, last = (heads[:, found.rig.index[found.bone_map.slots[slot][0]]] for slot in slots)
    there = quaternions.rotate(quaternions.inverse(found.wire), last - first)
    cosine = np.sum((end - start) * there, axis=-1)
    return np.arccos(np.clip(cosine / np.linalg.norm(end - start, axis=-1) / np.linalg.norm(there, axis=-1), -1, 1))


def test_the_clips_are_what_their_names_say():
    for name, make in CLIPS.items():
        motion = make()
        assert motion.positions[..., 1].min() > -0.001, name
        for column, joint in enumerate(("left_ankle", "left_foot", "right_ankle", "right_foot")):
            stands = np.flatnonzero(motion.contacts[:, column] > 0.5)
            path = motion.positions[stands, INDEX[joint]][:, [0, 2]]
            runs = np.split(path, np.flatnonzero(np.diff(stands) > 1) + 1)
            assert all(np.ptp(run, axis=0).max() < 0.005 for run in runs if len(run)), (name, joint)
    assert CLIPS["walk_backwards"]().root[-1, 2] < -2.0
    assert CLIPS["sit"]().root[-1, 1] < 0.6
    upside = CLIPS["cartwheel"]().positions
    assert (upside[:, INDEX["head"], 1] < upside[:, INDEX["pelvis"], 1] - 0.4).any()


@pytest.mark.parametrize("degrees", [20, 32, 44, 70])
@pytest.mark.parametrize("maker", ["mixamo", "smplx", "unity"])
def test_a_figure_that_lies_askew_in_its_data_and_stands_in_the_world_plays_the_same(maker, degrees):
    motion = CLIPS["crouch"]()
    found = description.describe(maker, "A", 10, 0, 2, rolls_seed=1, proportions="canonical")
    askew = quaternions.about(np.array((0.6, 0.64, 0.48)), np.radians(degrees))
    turned = dataclasses.replace(
        (straight := rest_pose(found)),
        rig=dataclasses.replace(
            found.rig,
            heads=quaternions.rotate(askew, found.rig.heads),
            tails=quaternions.rotate(askew, found.rig.tails),
        ),
        rotations=quaternions.multiply(askew, straight.rotations),
    )
    up = quaternions.rotate(found.wire, (0.0, 1.0, 0.0))
    places = Place(up, 0.0), Place(quaternions.rotate(askew, up), 0.0)
    upright, lying = (
        transfer(fit(rest, found.bone_map, place=place), motion)
        for rest, place in zip((straight, turned), places, strict=True)
    )
    for bone, rotation in upright.rotations.items():
        apart = quaternions.angle_between(quaternions.multiply(askew, rotation), lying.rotations[bone])
        assert np.degrees(apart).max() < 2.0, found.rig.names[bone]


@pytest.mark.parametrize("maker", ["mixamo", "ue5"])
def test_a_figure_that_bows_or_steps_keeps_the_ground_level(maker):
    found = description.describe(maker)
    straight = rest_pose(found)
    level = fit(straight, found.bone_map).up
    hips = found.rig.heads[[found.rig.index[found.bone_map.slots[f"{side}_hip"][0]] for side in ("left", "right")]]
    axis, pivot = (hips[0] - hips[1]) / np.linalg.norm(hips[0] - hips[1]), hips.mean(axis=0)
    bow = quaternions.about(axis, np.radians(25.0))
    legs = {bone for slot in ("hip", "knee", "ankle", "foot") for side in ("left", "right")
            for bone in found.bone_map.slots.get(f"{side}_{slot}", ())}  # fmt: skip
    above = np.array([name not in legs for name in found.rig.names])
    heads = found.rig.heads.copy()
    heads[above] = pivot + quaternions.rotate(bow, heads[above] - pivot)
    bowed = dataclasses.replace(straight, rig=dataclasses.replace(found.rig, heads=heads))
    np.testing.assert_array_equal(fit(bowed, found.bone_map).up, level)


@pytest.mark.parametrize("maker", ["mixamo", "vroid", "ue5"])
def test_who_rests_in_the_middle_of_a_step_walks_on_the_ground_with_both_feet(maker):
    motion = CLIPS["walk_backwards"]()
    found = rests.stepping(description.describe(maker, rolls_seed=1, proportions="canonical"))
    pure = rest_pose(found)
    fitted = fit(pure, found.bone_map)
    planted = feet.plant(fitted, transfer(fitted, motion), motion.contacts, motion.fps)
    heads = kinematics.Kinematics(pure, planted.pose).heads(range(len(found.rig.names)))
    for a, b in LIMBS:
        turned = angles(motion.positions[:, INDEX[a]], motion.positions[:, INDEX[b]], heads, found, a, b)
        assert np.degrees(turned).max() < 5.0
    for side in ("left", "right"):
        ankles = heads[:, found.rig.index[found.bone_map.bone(f"{side}_ankle")]] @ fitted.up - fitted.floor
        np.testing.assert_allclose(ankles / fitted.scale, motion.positions[:, INDEX[f"{side}_ankle"], 1], atol=0.03)
