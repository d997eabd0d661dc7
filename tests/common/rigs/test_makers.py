"""The matcher on the makers' rigs: every slot, in any rest, unit and orientation; broken rigs are refused by the part they lack."""

import time

import pytest

from common.errors import InputError
from common.rigs.bone_map import SLOTS
from common.rigs.matching import match
from tools.rigs import description

MAKERS = description.makers()
TOES_OF_ITS_OWN = "mpfb"
"""MakeHuman has five toes and no bone for all of them: any of them may stand for the slot."""
CASES = (
    {},
    {"rest": "T", "up": "Y", "unit": 1.0},
    {"rest": "A", "up": "Z", "unit": 100.0, "rolls_seed": 1},
    {"rest": "I", "elbow_deg": 10, "knee_deg": 10, "spread_deg": 4},
    {"proportions": "canonical", "tails": "up"},
)


def slots(bone_map, maker):
    left_out = ("left_foot", "right_foot") if maker == TOES_OF_ITS_OWN else ()
    return {slot: bone_map.slots.get(slot) for slot in SLOTS if slot not in left_out}


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(f"{key}={value}" for key, value in case.items()))
@pytest.mark.parametrize("maker", MAKERS)
def test_names_and_geometry_give_the_right_bones(maker, case):
    found = description.describe(maker, **case)
    matched = match(found.rig).bone_map
    assert slots(matched, maker) == slots(found.bone_map, maker)
    assert matched.twists == found.bone_map.twists
    assert matched.root == found.bone_map.root


@pytest.mark.parametrize("rest", ["T", "A"])
@pytest.mark.parametrize("maker", description.makers(nameless=True))
def test_hierarchy_and_geometry_alone_give_the_right_bones(maker, rest):
    found = description.describe(maker, rest, anonymous=True)
    assert slots(match(found.rig).bone_map, maker) == slots(found.bone_map, maker)


def test_mixamo_needs_no_namespace():
    for prefix in ("", "mixamorig9:", "Character:"):
        found = description.describe("mixamo", prefix=prefix)
        matched = match(found.rig)
        assert slots(matched.bone_map, "mixamo") == slots(found.bone_map, "mixamo")
        assert "Mixamo" in matched.preset


@pytest.mark.parametrize("maker", description.makers(whole=False))
def test_a_broken_rig_is_refused_by_the_part_it_lacks(maker):
    found = description.describe(maker)
    with pytest.raises(InputError, match=found.fails):
        match(found.rig).bone_map.check(found.rig)


def test_unknown_names_take_less_than_a_tenth_of_a_second():
    rigs = [description.describe(maker, anonymous=True).rig for maker in MAKERS]
    before = time.process_time()
    for rig in rigs:
        match(rig)
    assert time.process_time() - before < 0.1 * len(rigs)
