"""Who stands and who does not, told from where joints are."""

import numpy as np
import pytest

from common.motion import quaternions
from common.rigs.standing import fault
from tools.rigs.description import describe, makers
from tools.rigs.rests import NO_STANCE, leaning, stepping, turned

UP = (0.0, 1.0, 0.0)


def joints(found):
    """The first bones' heads in the wire's axes."""
    return {slot: found.head(slot) for slot in found.bone_map.slots}


@pytest.mark.parametrize("rest", ["T", "A", "I"])
@pytest.mark.parametrize("maker", makers())
def test_makers_rigs_stand(maker, rest):
    assert fault(joints(describe(maker, rest, 10.0, 15.0, 5.0)), UP) is None


@pytest.mark.parametrize("maker", ["mixamo", "ue5", "creature"])
@pytest.mark.parametrize("kind", NO_STANCE)
def test_who_does_not_stand_is_told(maker, kind):
    assert fault(joints(NO_STANCE[kind](describe(maker))), UP) is not None


def test_the_words_say_what_is_seen():
    found = describe("mixamo")
    words = {kind: fault(joints(make(found)), UP).clause for kind, make in NO_STANCE.items()}
    assert words["lying"] == words["on the side"] == "lying"
    assert words["upside down"] == "upside down"
    assert "sitting" in words["sitting"]
    assert "trunk" in words["bowing"]


def test_a_posture_is_no_fault():
    assert fault(joints(leaning(describe("mixamo"), 25.0)), UP) is None


def test_where_up_is_not_known_the_whole_body_may_be_turned():
    for kind in ("lying", "upside down"):
        assert fault(joints(NO_STANCE[kind](describe("mixamo")))) is None


def test_four_feet_are_no_person_and_a_bow_is():
    beast = describe("mixamo")
    level = quaternions.about((1.0, 0.0, 0.0), np.pi / 2)
    beast = turned(beast, level, "spine")
    for side, sign in (("left", 1.0), ("right", -1.0)):
        beast = turned(beast, quaternions.about((0.0, 0.0, 1.0), -sign * np.pi / 2), f"{side}_shoulder")
    found = fault(joints(beast), UP)
    assert found is not None
    assert found.animal
    assert not fault(joints(NO_STANCE["bowing"](describe("mixamo"))), UP).animal


def test_numbers_that_are_none_and_limbs_without_length():
    places = joints(describe("mixamo"))
    assert "number" in fault(places | {"left_knee": np.full(3, np.nan)}, UP).clause
    assert fault(places | {"left_knee": places["left_hip"]}, UP).clause == "without a length of the left thigh"


def test_one_lifted_foot_is_a_step_and_a_lifted_leg_is_told():
    assert fault(joints(stepping(describe("mixamo"))), UP) is None
    assert fault(joints(NO_STANCE["on one leg"](describe("mixamo"))), UP).clause == "on one leg, the other lifted"


@pytest.mark.parametrize("maker", ["mixamo", "ue5", "vroid"])
def test_exchanged_sides_and_feet_turned_about_are_told(maker):
    places = joints(describe(maker))
    other = {"left": "right", "right": "left"}
    exchanged = {
        f"{other[side]}_{part}" if side in other else slot: place
        for slot, place in places.items()
        for side, _, part in [slot.partition("_")]
    }
    assert fault(exchanged, UP).exchanged
    about = quaternions.about((0.0, 1.0, 0.0), np.pi)
    feet = {
        f"{side}_foot": places[f"{side}_ankle"]
        + quaternions.rotate(about, places[f"{side}_foot"] - places[f"{side}_ankle"])
        for side in other
    }
    assert fault(places | feet, UP).exchanged
    assert fault({slot: place for slot, place in exchanged.items() if not slot.endswith("_foot")}, UP) is None
