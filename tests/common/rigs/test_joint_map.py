"""Rigs of many makers give the right map, and a rig that lacks a joint is refused by that joint's name."""

import dataclasses

import numpy as np
import pytest

from common.errors import InputError
from common.motion import quaternions, skeleton
from common.rigs import joint_map
from common.rigs.rig import Rig
from tools.rigs.description import describe, makers

MIXAMO = """Hips: Spine LeftUpLeg RightUpLeg
Spine: Spine1
Spine1: Spine2
Spine2: Neck LeftShoulder RightShoulder
Neck: Head
Head: HeadTop_End
LeftShoulder: LeftArm
LeftArm: LeftForeArm
LeftForeArm: LeftHand
LeftHand: LeftHandThumb1 LeftHandIndex1
RightShoulder: RightArm
RightArm: RightForeArm
RightForeArm: RightHand
LeftUpLeg: LeftLeg
LeftLeg: LeftFoot
LeftFoot: LeftToeBase
RightUpLeg: RightLeg
RightLeg: RightFoot
RightFoot: RightToeBase"""
EXPECTED = {
    "pelvis": "Hips", "spine1": "Spine", "spine2": "Spine1", "spine3": "Spine2", "neck": "Neck", "head": "Head",
    "left_hip": "LeftUpLeg", "left_knee": "LeftLeg", "left_ankle": "LeftFoot", "left_foot": "LeftToeBase",
    "left_collar": "LeftShoulder", "left_shoulder": "LeftArm", "left_elbow": "LeftForeArm", "left_wrist": "LeftHand",
}  # fmt: skip


def rig(text):
    """The rig of a drawing of a hierarchy, all bones in one place; its leaves."""
    names, parents = [text.split(":")[0]], [-1]
    for line in text.splitlines():
        above, _, below = line.partition(": ")
        names += below.split()
        parents += [names.index(above)] * len(below.split())
    places = np.zeros((len(names), 3))
    leaves = {name for index, name in enumerate(names) if index not in parents}
    return Rig(tuple(names), tuple(parents), places, places), leaves


def renamed(found, new):
    """The same rig and leaves with other names."""
    bones, ends = found
    return dataclasses.replace(bones, names=tuple(map(new, bones.names))), set(map(new, ends))


def guess(text):
    return joint_map.guess(*rig(text))


def test_mixamo():
    found = guess(MIXAMO)
    assert {joint: found[joint] for joint in EXPECTED} == EXPECTED
    assert found["right_wrist"] == "RightHand"


@pytest.mark.parametrize("prefix", ["mixamorig:", "mixamorig7:", "Neo_", "a:b:"])
def test_a_namespace_changes_nothing(prefix):
    found = joint_map.guess(*renamed(rig(MIXAMO), lambda name: prefix + name))
    assert found == {joint: prefix + name for joint, name in guess(MIXAMO).items()}


def test_the_canonical_skeleton_maps_to_itself():
    heads = skeleton.rest_positions()
    found = joint_map.guess(Rig(skeleton.JOINTS, skeleton.PARENTS, heads, heads), {"head", "left_wrist", "right_wrist"})
    assert found == {name: name for name in skeleton.JOINTS}


@pytest.mark.parametrize(
    "style",
    [
        {"LeftUpLeg": "thigh_l", "LeftLeg": "calf_l", "LeftFoot": "foot_l", "LeftToeBase": "ball_l", "Hips": "pelvis",
         "LeftShoulder": "clavicle_l", "LeftArm": "upperarm_l", "LeftForeArm": "lowerarm_l", "LeftHand": "hand_l",
         "Neck": "neck_01", "Spine": "spine_01", "Spine1": "spine_02", "Spine2": "spine_03"},
        {"LeftUpLeg": "thigh.L", "LeftLeg": "shin.L", "LeftFoot": "foot.L", "LeftToeBase": "toe.L", "Hips": "spine",
         "LeftShoulder": "shoulder.L", "LeftArm": "upper_arm.L", "LeftForeArm": "forearm.L", "LeftHand": "hand.L",
         "Neck": "spine.004", "Head": "spine.006", "Spine": "spine.001", "Spine1": "spine.002", "Spine2": "spine.003"},
        {"LeftUpLeg": "Bip01 L Thigh", "LeftLeg": "Bip01 L Calf", "LeftFoot": "Bip01 L Foot", "LeftToeBase": "Bip01 L Toe0",
         "LeftShoulder": "Bip01 L Clavicle", "LeftArm": "Bip01 L UpperArm", "LeftForeArm": "Bip01 L Forearm",
         "LeftHand": "Bip01 L Hand", "Hips": "Bip01 Pelvis"},
        {"LeftUpLeg": "lThigh", "LeftLeg": "lShin", "LeftFoot": "lFoot", "LeftToeBase": "lToe", "LeftShoulder": "lCollar",
         "LeftArm": "lShldr", "LeftForeArm": "lForeArm", "LeftHand": "lHand", "Hips": "hip"},
    ],
    ids=["unreal", "rigify metarig", "biped", "daz"],
)  # fmt: skip
def test_other_makers_spellings(style):
    found = joint_map.guess(*renamed(rig(MIXAMO), lambda name: style.get(name, name)))
    wanted = guess(MIXAMO)
    assert found == {joint: style.get(name, name) for joint, name in wanted.items()}


def test_spines_of_other_lengths_become_three():
    one = MIXAMO.replace("Spine: Spine1\nSpine1: Spine2\nSpine2:", "Spine:")
    found = guess(one)
    assert [found[f"spine{n}"] for n in (1, 2, 3)] == ["Spine", "Spine+Spine+Neck", "Spine+Neck+Neck"]
    two = MIXAMO.replace("Spine1: Spine2\nSpine2:", "Spine1:")
    assert [guess(two)[f"spine{n}"] for n in (1, 2, 3)] == ["Spine", "Spine+Spine1", "Spine1"]


def test_missing_toes_are_the_end_of_the_foot():
    found = guess(MIXAMO.replace("\nLeftFoot: LeftToeBase", ""))
    assert found["left_foot"] == "end:LeftFoot"
    assert found["right_foot"] == "RightToeBase"


def test_an_unknown_name_between_known_ones_is_told_by_its_place():
    found = guess(MIXAMO.replace("LeftUpLeg", "Widget").replace("RightForeArm", "Gadget"))
    assert (found["left_hip"], found["right_elbow"]) == ("Widget", "Gadget")


def test_what_is_missing_is_named():
    text = MIXAMO.replace(" LeftUpLeg", "").replace(
        "LeftUpLeg: LeftLeg\nLeftLeg: LeftFoot\nLeftFoot: LeftToeBase\n", ""
    )
    with pytest.raises(InputError, match=r"without left thigh, left shin, left foot, left toes'.* expected a body"):
        guess(text)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.4])
def test_a_spine_of_one_bone_is_shared_out_where_the_canonical_joints_are(share):
    names = ("pelvis", "chest", "neck", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle",
             "left_foot", "right_foot", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow")  # fmt: skip
    parents = (-1, 0, 1, 0, 0, 3, 4, 5, 6, 7, 8, 1, 1, 11, 12)
    rest = dict(zip(skeleton.JOINTS, skeleton.rest_positions(), strict=True))
    rest["chest"] = rest["pelvis"] + (0.3 + share) * (rest["neck"] - rest["pelvis"])
    heads = np.array([rest[name] for name in names])
    found = joint_map.guess(Rig(names, parents, heads, heads), {"neck", "left_elbow", "right_elbow"})
    wrong = []
    for joint, expression in found.items():
        if not expression.startswith("end:"):
            place = np.mean([rest[name] for name in expression.split("+")], axis=0)
            wrong.append(np.linalg.norm(place - rest[joint]))
    assert found["head"] == "end:neck"
    assert found["left_wrist"] == "end:left_elbow"
    assert found["left_collar"] == "neck+left_shoulder"
    assert max(wrong) < 0.1
    assert len({found[f"spine{n}"] for n in (1, 2, 3)}) == 3


@pytest.mark.parametrize("begins", ["neck", "head"])
def test_a_body_without_a_neck_has_one_where_its_head_bone_tells(begins):
    """Whether the head bone begins where the canonical neck does or where the skull does; collars and spine come along."""
    names = ("pelvis", "spine1", "spine3", "skull", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle",
             "right_ankle", "left_foot", "right_foot", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow",
             "left_wrist", "right_wrist")  # fmt: skip
    parents = (-1, 0, 1, 2, 0, 0, 4, 5, 6, 7, 8, 9, 2, 2, 12, 13, 14, 15)
    rest = dict(zip(skeleton.JOINTS, skeleton.rest_positions(), strict=True))
    rest["skull"] = rest[begins]
    heads = np.array([rest[name] for name in names])
    tails = heads.copy()
    tails[3] = rest["head"] + (0.0, 0.12, 0.0)
    made = Rig(tuple(name.replace("skull", "Head") for name in names), parents, heads, tails)
    found = joint_map.guess(made, {"Head", "left_wrist", "right_wrist", "left_foot", "right_foot"})
    places = {name: heads[bone] for name, bone in made.index.items()} | {"end:Head": tails[3]}
    read = {joint: np.mean([places[part] for part in text.split("+")], axis=0) for joint, text in found.items()}
    off = {joint: float(np.linalg.norm(place - rest[joint])) for joint, place in read.items()}
    assert max(off.values()) < 0.09, off
    assert len({tuple(np.round(place, 6)) for place in read.values()}) == len(skeleton.JOINTS)


def test_a_trunk_without_a_spine_is_shared_out():
    text = MIXAMO.replace("Hips: Spine LeftUpLeg", "Hips: Neck LeftShoulder RightShoulder LeftUpLeg")
    text = text.replace("Spine: Spine1\nSpine1: Spine2\nSpine2: Neck LeftShoulder RightShoulder\n", "")
    found = guess(text)
    assert [found[f"spine{n}"].count("Neck") for n in (1, 2, 3)] == [2, 4, 5]


@pytest.mark.parametrize("maker", makers(nameless=True))
@pytest.mark.parametrize("anonymous", [False, True])
def test_joints_of_makers_rigs_are_where_a_body_of_that_size_has_them(maker, anonymous):
    """What 22 joints read off a rig of canonical proportions should be: the canonical ones, up to where spines bend."""
    rig = describe(maker, "T", proportions="canonical", anonymous=anonymous)
    bones = rig.rig
    found = joint_map.guess(bones, {name for bone, name in enumerate(bones.names) if not bones.children[bone]})
    places = {name: bones.heads[bone] for name, bone in bones.index.items()}
    places |= {f"end:{name}": bones.tails[bone] for name, bone in bones.index.items()}
    read = np.array([np.mean([places[name] for name in found[joint].split("+")], axis=0) for joint in skeleton.JOINTS])
    read = quaternions.rotate(quaternions.inverse(rig.wire), read) / rig.unit
    off = np.linalg.norm(read - skeleton.rest_positions(), axis=1)
    limbs = [joint for joint in skeleton.JOINTS if not joint.startswith(("spine", "pelvis", "neck"))]
    necks = "neck" not in rig.bone_map.missing  # without one the head's bone begins where a neck would
    assert off[[skeleton.INDEX[joint] for joint in limbs]].max() < (0.04 if necks else 0.06)
    assert off.max() < (0.14 if necks else 0.18)
    assert off.mean() < 0.015
