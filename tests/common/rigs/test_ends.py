"""Where limbs end on rigs whose names do not tell: skin, IK and shape do."""

import dataclasses

import pytest

from common.rigs.matching import match
from tools.rigs.description import describe


def nameless(ik):
    """The low-poly pack without names, and its bones' names as the pack has them."""
    found = describe("lowpoly", anonymous=True)
    rig = found.rig
    goals = {rig.index[bone]: rig.index[target] for bone, target, _ in found.ik}
    return dataclasses.replace(rig, goals=goals if ik else {}), dict(
        zip(describe("lowpoly").rig.names, rig.names, strict=True)
    )


def test_without_names_ik_tells_the_foot_from_the_end_of_its_shin():
    rig, called = nameless(ik=True)
    assert match(rig).bone_map.bone("left_ankle") == called["Foot.L"]


def test_without_names_the_skin_tells_too():
    rig, called = nameless(ik=False)
    skinned = frozenset(rig.index[called[name]] for name in called if "_end" not in name and name != "Bone")
    assert match(dataclasses.replace(rig, skinned=skinned)).bone_map.bone("right_ankle") == called["Foot.R"]


def test_a_foot_of_its_own_is_not_given_up_for_the_target_of_its_leg():
    found = describe("unity", tails="child")
    rig = found.rig
    order = [*range(len(rig.names)), rig.index["LeftFoot"]]
    twin = dataclasses.replace(
        rig,
        names=(*rig.names, "handle"),
        parents=(*rig.parents, -1),
        heads=rig.heads[order],
        tails=rig.tails[order],
        goals={rig.index["LeftLowerLeg"]: len(rig.names)},
    )
    assert match(twin).bone_map.bone("left_ankle") == "LeftFoot"


def test_a_hand_that_only_ik_brings_to_the_arm_is_the_hand():
    rig = describe("lowpoly").rig
    hands = {rig.index[f"Palm.{side}"] for side in "LR"}
    root = rig.index["Bone"]
    parents = tuple(root if bone in hands else parent for bone, parent in enumerate(rig.parents))
    goals = {rig.index[f"LowerArm.{side}"]: rig.index[f"Palm.{side}"] for side in "LR"}
    found = match(dataclasses.replace(rig, parents=parents, goals=goals)).bone_map
    assert found.bone("left_wrist") == "Palm.L"
    assert found.bone("right_wrist") == "Palm.R"


@pytest.mark.parametrize("far", [True, False])
def test_a_foot_whose_shin_does_not_tell_its_end_is_about_a_thigh_away(far):
    found = describe("loosefeet", tails="up")
    rig = found.rig
    heads = rig.heads.copy()
    if far:
        heads[rig.index["Foot.L"]] += 3 * (heads[rig.index["Foot.L"]] - heads[rig.index["LowerLeg.L"]])
    ankle = match(dataclasses.replace(rig, heads=heads)).bone_map.bone("left_ankle")
    assert (ankle == "Foot.L") is not far
