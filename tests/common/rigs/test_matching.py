"""Makers' rigs are mapped as a person maps them, with and without their names; corrections win; a lacking rig is told why."""

import dataclasses
import time

import numpy as np
import pytest

from common.errors import InputError
from common.motion import quaternions
from common.rigs.matching import match
from common.rigs.rig import Rig
from tools.rigs.description import describe, makers

TITLES = {
    "arp": "Auto-Rig Pro", "cc": "Character Creator and ActorCore", "cmu": "CMU (MotionBuilder)", "daz8": "Daz Genesis 3 and 8",
    "daz9": "Daz Genesis 9", "mixamo": "Mixamo", "mmd": "MMD", "mpfb": "MakeHuman and MPFB",
    "smplx": "SMPL-X and IsoDiM", "ue5": "Unreal Engine 5 mannequin", "unity": "VRM and Unity humanoid",
    "vroid": "VRoid", "creature": "", "finnish": "", "biped": "3ds Max Biped", "lowpoly": "",
    "secondlife": "", "numbered": "", "loosefeet": "",
}  # fmt: skip


def turned(rig, seed):
    """The same rig lying somewhere else in space."""
    rotation = quaternions.normalized(np.random.default_rng(seed).normal(size=4))
    return dataclasses.replace(
        rig, heads=quaternions.rotate(rotation, rig.heads) + 3.0, tails=quaternions.rotate(rotation, rig.tails) + 3.0
    )


@pytest.mark.parametrize("maker", makers())
@pytest.mark.parametrize("rest", ["T", "A", "I"])
def test_makers_rigs(maker, rest):
    rig = describe(maker, rest, rolls_seed=1)
    found = match(rig.rig)
    assert found.preset == TITLES[maker]
    assert found.bone_map == rig.bone_map
    assert found.missing == rig.bone_map.missing
    found.bone_map.check(rig.rig)


@pytest.mark.parametrize("maker", makers(nameless=True))
@pytest.mark.parametrize(("rest", "bent"), [("T", 0), ("A", 10), ("I", 5)])
@pytest.mark.parametrize("tails", ["child", "sideways"])
def test_unknown_names_in_any_orientation(maker, rest, bent, tails):
    rig = describe(maker, rest, bent, bent, tails=tails, unit=0.01, anonymous=True)
    found = match(turned(rig.rig, len(maker)))
    assert found.preset == ""
    assert found.score < 0.7
    assert found.bone_map.slots == rig.bone_map.slots
    assert found.bone_map.root == rig.bone_map.root
    assert "Found by place" in found.notes[0]


def test_a_known_rig_is_surer_than_a_named_one_and_that_than_an_unknown_one():
    scores = [match(describe("mixamo").rig).score, match(describe("creature").rig).score]
    scores.append(match(describe("mixamo", anonymous=True).rig).score)
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 1.0
    assert scores[2] > 0.5


def renamed(rig, **names):
    return dataclasses.replace(rig, names=tuple(names.get(name, name) for name in rig.names))


def test_gaps_of_a_preset_are_filled():
    rig = describe("mixamo", prefix="").rig
    found = match(renamed(rig, LeftUpLeg="Widget", RightForeArm="r_forearm", LeftToeBase="Gadget", Head="skull"))
    assert found.preset == "Mixamo"
    assert found.bone_map.bone("left_hip") == "Widget"
    assert found.bone_map.bone("right_elbow") == "r_forearm"
    assert found.bone_map.bone("left_foot") == "Gadget"
    assert found.bone_map.bone("head") == "skull"
    assert any("left thigh" in note and "by place" in note for note in found.notes)
    assert any("right forearm" in note and "by name" in note for note in found.notes)


def test_a_gap_at_the_clavicle_is_filled():
    found = match(renamed(describe("mixamo", prefix="").rig, LeftShoulder="clavicle_l", RightShoulder="Widget"))
    assert found.bone_map.slots["left_collar"] == ("clavicle_l",)
    assert found.bone_map.slots["right_collar"] == ("Widget",)


@pytest.mark.parametrize("separator", [".", "_", ""])
def test_rigify_exports_of_deform_bones_whose_limbs_hang_on_nothing(separator):
    names, parents = ["DEF-spine"], [-1]
    for number in range(1, 7):
        names.append(f"DEF-spine.{number:03}")
        parents.append(number - 1)
    for side in "LR":
        for limb in (("thigh", "thigh.001", "shin", "shin.001", "foot", "toe"), ("shoulder",),
                     ("upper_arm", "upper_arm.001", "forearm", "forearm.001", "hand")):  # fmt: skip
            for place, part in enumerate(limb):
                word, _, number = part.partition(".")
                parents.append(len(names) - 1 if place else -1)
                names.append(f"DEF-{word}.{side}{'.' if number else ''}{number}")
    names = [name.replace(".", separator) for name in names]
    found = match(Rig(tuple(names), tuple(parents), np.zeros((len(names), 3)), np.zeros((len(names), 3))))
    assert found.preset == "Rigify deform bones"
    assert found.missing == ()
    assert found.bone_map.slots["left_hip"] == (f"DEF-thigh{separator}L", f"DEF-thigh{separator}L{separator}001")
    assert len(found.bone_map.slots["spine"]) == 3
    assert found.notes == ()


def test_what_is_stored_wins():
    rig = describe("mixamo", prefix="").rig
    found = match(rig, {"left_wrist": ["LeftHandIndex1"], "right_foot": [], "left_knee": ["gone"]})
    assert found.bone_map.slots["left_wrist"] == ("LeftHandIndex1",)
    assert "right_foot" in found.missing
    assert found.bone_map.bone("left_knee") == "LeftLeg"
    assert any("gone" in note and "left shin" in note for note in found.notes)


def test_a_whole_stored_map_needs_no_names():
    rig = describe("vroid", anonymous=True)
    found = match(rig.rig, rig.bone_map.slots)
    assert found.bone_map.slots == rig.bone_map.slots
    assert found.score == 1.0


def test_bones_that_only_share_a_name_with_a_limb_are_not_taken():
    rig = describe("mixamo", prefix="").rig
    parents = list(rig.parents)
    parents[rig.index["LeftFoot"]] = rig.index["Head"]
    elsewhere = rig.heads.copy()
    elsewhere[rig.index["LeftFoot"]] += (0.0, 60.0, 0.0)
    found = match(dataclasses.replace(rig, parents=tuple(parents), heads=elsewhere))
    assert found.bone_map.bone("left_ankle") != "LeftFoot"
    assert "LeftFoot does not hang on LeftLeg, so it is not the left foot." in found.notes


@pytest.mark.parametrize("maker", makers(whole=False))
def test_a_rig_that_cannot_be_mapped_says_which_limb(maker):
    rig = describe(maker)
    found = match(rig.rig)
    with pytest.raises(InputError) as error:
        found.bone_map.check(rig.rig)
    assert error.value.field == f"Bone map, {rig.fails}"
    assert rig.fails in found.notes[0]


def test_a_lacking_leg_is_told_by_the_other_one():
    assert match(describe("one_leg").rig).notes[0] == (
        "Nothing mirrors thigh.L, shin.L, foot.L, so there is no right thigh, right shin, right foot."
    )


@pytest.mark.parametrize("count", [0, 1, 3])
def test_next_to_nothing_is_no_body(count):
    rig = Rig(
        tuple(f"Bone{n}" for n in range(count)), tuple(range(-1, count - 1)), np.zeros((count, 3)), np.ones((count, 3))
    )
    found = match(rig)
    assert found.score == 0.0
    assert found.notes[0] == f"A rig of {count} bones has no room for a pelvis, two arms and two legs."


@pytest.mark.parametrize("anonymous", [False, True])
def test_seven_hundred_bones_take_no_time(anonymous):
    rig = describe("ue5", anonymous=anonymous).rig
    random = np.random.default_rng(0)
    more = 700 - len(rig.names)
    heads = rig.heads[random.integers(len(rig.heads), size=more)] * 0.9
    large = Rig(
        (*rig.names, *(f"helper.{number}" for number in range(more))),
        (*rig.parents, *[0] * more),
        np.concatenate([rig.heads, heads]),
        np.concatenate([rig.tails, heads + 0.01]),
    )
    match(large)  # reads the presets
    times = []
    for _ in range(5):
        begin = time.process_time()
        match(large)
        times.append(time.process_time() - begin)
    assert min(times) < 0.05


def test_a_spine_bone_that_carries_the_legs_goes_with_the_pelvis():
    """Pelvis > Spine > thighs: named by its maker or not, what is above the spine bone carries the travel too."""
    rig = describe("biped")
    found = match(rig.rig).bone_map
    assert found.slots["pelvis"] == ("Bip01 Pelvis",)
    assert found.slots["spine"] == ("Bip01 Spine1", "Bip01 Spine2")
    nameless = describe("biped", anonymous=True)
    found = match(nameless.rig).bone_map
    carrier = nameless.rig.index[found.slots["pelvis"][0]]
    skin = nameless.rig.index[nameless.bone_map.slots["pelvis"][0]]
    assert carrier == skin or carrier in nameless.rig.ancestors(skin)
    assert found.slots["spine"] == nameless.bone_map.slots["spine"]


def test_a_foot_that_hangs_on_the_root_is_the_foot_by_its_place_and_by_ik():
    rig = describe("lowpoly")
    for goals in ({}, {rig.rig.index["LowerLeg.L"]: rig.rig.index["Foot.L"]}):
        found = match(dataclasses.replace(rig.rig, goals=goals))
        assert found.bone_map.slots["left_ankle"] == ("Foot.L",)
        assert found.bone_map.slots["right_ankle"] == ("Foot.R",)
        assert "left_foot" in found.missing, "an end is no toe"


def test_the_end_of_a_shin_gives_way_to_a_bone_that_begins_there():
    rig = renamed(
        describe("lowpoly").rig,
        **{"Foot.L": "Thing.L", "Foot.R": "Thing.R", "LowerLeg.L": "Low.L", "LowerLeg.R": "Low.R"},
    )
    found = match(rig)
    assert found.bone_map.bone("left_ankle") == "Thing.L"
    assert any("only ends a leg" in note for note in found.notes)


def test_of_two_feet_the_skinned_one_is_meant():
    rig = describe("lowpoly").rig
    twin = dataclasses.replace(
        rig,
        names=(*rig.names, "Ankle.L"),
        parents=(*rig.parents, rig.index["Bone"]),
        heads=np.concatenate([rig.heads, rig.heads[[rig.index["Foot.L"]]]]),
        tails=np.concatenate([rig.tails, rig.tails[[rig.index["Foot.L"]]]]),
    )
    for name in ("Ankle.L", "Foot.L"):
        skinned = frozenset({twin.index[name], twin.index["UpperLeg.L"], twin.index["LowerLeg.L"]})
        assert match(dataclasses.replace(twin, skinned=skinned)).bone_map.bone("left_ankle") == name


def test_a_foot_chosen_by_hand_keeps_thigh_and_shin():
    rig = describe("lowpoly").rig
    found = match(rig, {"left_ankle": ["Foot.L"]})
    assert found.bone_map.bone("left_hip") == "UpperLeg.L"
    assert found.bone_map.bone("left_knee") == "LowerLeg.L"


@pytest.mark.parametrize("ending", ["_Joint_{n:02}", "_{n:02}", "_{n}", "_jnt", "_Joint", "_Bone.{n:03}"])
@pytest.mark.parametrize("maker", ["mixamo", "vroid", "ue5"])
def test_names_with_numbers_and_the_word_joint(maker, ending):
    rig = describe(maker).rig
    named = dataclasses.replace(rig, names=tuple(name + ending.format(n=n) for n, name in enumerate(rig.names)))
    found, plain = match(named), match(rig)
    assert found.preset == plain.preset
    back = {slot: tuple(rig.names[named.index[bone]] for bone in bones) for slot, bones in found.bone_map.slots.items()}
    assert back == plain.bone_map.slots


def test_a_toe_end_without_toes_is_no_ball():
    rig = describe("mixamo", prefix="").rig
    parents = list(rig.parents)
    for side in ("Left", "Right"):
        parents[rig.index[f"{side}Toe_End"]] = rig.index[f"{side}Foot"]
    kept = [bone for bone, name in enumerate(rig.names) if not name.endswith("ToeBase")]
    bare = Rig(
        tuple(rig.names[bone] for bone in kept),
        tuple(kept.index(parents[bone]) if parents[bone] >= 0 else -1 for bone in kept),
        rig.heads[kept],
        rig.tails[kept],
    )
    found = match(bare).bone_map
    assert "left_foot" in found.missing
    assert found.bone("left_ankle") == "LeftFoot"


def test_a_presets_pelvis_that_does_not_carry_the_legs_is_not_believed():
    rig = describe("mixamo", prefix="").rig
    hips, count = rig.index["Hips"], len(rig.names)
    names = ("COG", *(name if bone != hips else "Trunk" for bone, name in enumerate(rig.names)), "Hips")
    parents = (-1, *(parent + 1 if parent >= 0 else 0 for parent in rig.parents), hips + 1)
    heads, tails = (np.concatenate([p[[hips]], p, p[[hips]]]) for p in (rig.heads, rig.tails))
    found = match(Rig(names, parents, heads, tails))
    assert found.bone_map.bone("pelvis") in ("COG", "Trunk")
    assert found.score < 1.0
    assert any("Hips does not carry the legs" in note for note in found.notes)
    assert count + 2 == len(names)
