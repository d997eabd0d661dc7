"""A name's side and word, in the spellings of many makers."""

import pytest

from common.rigs import names, presets


@pytest.mark.parametrize(
    ("name", "side", "stem"),
    [
        ("mixamorig:LeftUpLeg", "left", "upleg"), ("a:b:RightHand", "right", "hand"), ("thigh.L", "left", "thigh"),
        ("upper_arm_r", "right", "upperarm"), ("l_forearm", "left", "forearm"), ("lThigh", "left", "thigh"),
        ("RShin", "right", "shin"), ("Bip01 L Thigh", "left", "thigh"), ("Bip002_R_Hand", "right", "hand"),
        ("CC_Base_L_Upperarm", "left", "upperarm"), ("J_Bip_R_LowerLeg", "right", "lowerleg"), ("J_Bip_C_Hips", "", "hips"),
        ("DEF-shin.R", "right", "shin"), ("lfemur", "left", "femur"), ("左ひざ", "left", "ひざ"), ("足首.R", "right", "足首"),
        ("右腕", "right", "腕"), ("leftarm", "left", "arm"), ("thighL", "left", "thigh"), ("Hips", "", "hips"),
        ("lowerback", "", "lowerback"), ("LowerBack", "", "lowerback"), ("root", "", "root"), ("rib", "", "rib"),
        ("Spine_01", "", "spine01"), ("L", "", "l"), ("", "", ""), ("左", "", "左"), ("foot_left", "left", "foot"),
    ],
)  # fmt: skip
def test_side_and_stem(name, side, stem):
    assert presets.word(name) == (side, stem)


def test_one_spelling_for_case_separators_and_widths():
    spelled = ("Bip01 L Thigh", "bip01_l_thigh", "BIP01.L-Thigh", "Ｂｉｐ０１ Ｌ Ｔｈｉｇｈ", "Bip01LThigh")
    assert {names.folded(name) for name in spelled} == {"bip01lthigh"}


@pytest.mark.parametrize(
    ("all_names", "prefix"),
    [
        (["Neo_Hips", "Neo_Spine", "Neo_Head"], "Neo_"), (["rigHips", "rigHead", "rigNeck"], "rig"),
        (["ValveBiped.Bip01_Head", "ValveBiped.Bip01_L_Hand"], "ValveBiped.Bip01_"), (["Hips", "Head"], ""), ([], ""),
        (["a_Hips"] * 9 + ["IK"], "a_"), (["LeftHand", "LeftFoot", "Hips"], ""),
    ],
)  # fmt: skip
def test_what_most_names_share(all_names, prefix):
    assert names.shared_prefix(all_names) == prefix
