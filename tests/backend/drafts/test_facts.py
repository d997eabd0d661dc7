"""Facts of a figure that is moved by hand: what was put in is what is read."""

import numpy as np
import pytest

from backend.drafts.concepts import CONCEPTS, LEFT, RIGHT
from backend.drafts.facts import Facts
from backend.drafts.series import Series
from tests.backend.drafts.figure import Figure, X, Z


def facts(figure):
    return Facts.of(figure.joints())


@pytest.mark.parametrize(("degrees", "fact"), [(0, "ahead_m"), (180, "back_m")])
def test_a_way_is_told_by_where_the_body_faces(degrees, fact):
    found = facts(Figure().going(2.0, degrees))
    assert getattr(found, fact) == pytest.approx(2.0, abs=0.15)
    assert found.path_m == pytest.approx(2.0, abs=0.1)
    assert found.speed_ms == pytest.approx(2.0 / 3.0, abs=0.05)
    assert found.any_turn_deg < 5


@pytest.mark.parametrize(("degrees", "side"), [(90, LEFT), (-90, RIGHT)])
def test_a_way_sideways_has_its_side(degrees, side):
    found = facts(Figure().going(1.5, degrees))
    assert found.aside_m[side] == pytest.approx(1.5, abs=0.15)
    assert found.aside_m[1 - side] < 0.05


@pytest.mark.parametrize(("degrees", "side"), [(90, LEFT), (-120, RIGHT), (400, LEFT)])
def test_a_turn_has_side_and_angle(degrees, side):
    found = facts(Figure(4.0).turning(degrees))
    assert found.turn_deg[side] == pytest.approx(abs(degrees), abs=12)
    assert found.turn_deg[1 - side] < 5
    assert found.reach_m < 0.1


def test_facts_do_not_depend_on_where_the_scene_stands_and_faces():
    joints = Figure().going(1.0).raised("right", 0.8).joints()
    angle = 2.0
    turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
    here, there = Facts.of(joints), Facts.of(joints @ turn.T + (3.0, 0.0, -7.0))
    for name in ("ahead_m", "hand_top", "hand_aside", "turn_deg", "hand_busy_ms"):
        np.testing.assert_allclose(here.fact(name), there.fact(name), atol=1e-6)


def test_a_mirror_image_swaps_the_sides():
    one, other = facts(Figure().raised("left", 0.9)), facts(Figure().raised("right", 0.9))
    for name in ("hand_top", "hand_above", "at_head", "hand_busy_ms", "hand_aside"):
        np.testing.assert_allclose(one.fact(name), np.asarray(other.fact(name))[::-1], atol=0.02)
    assert one.hand_top[LEFT] > 0.8 > -0.8 > one.hand_top[RIGHT]


def test_jumps_are_counted_and_measured():
    found = facts(Figure(4.0).jumping(0.3, times=3))
    assert found.jumps == 3
    assert found.jump_m == pytest.approx(0.3, abs=0.05)
    assert facts(Figure()).jumps == 0


def test_a_bow_and_a_lean_are_tilts_of_the_trunk():
    bow = facts(Figure().turned("spine1", X, 0.9 * Figure().share))
    assert 35 < bow.bow_deg - facts(Figure()).bow_deg < 55
    lean = facts(Figure().turned("spine1", Z, -0.4))
    assert lean.lean_deg[RIGHT] < 0
    assert lean.lean_deg[LEFT] > 10


def test_stretches_of_a_clip_have_facts_of_their_own():
    found = facts(Figure().raised("right", 1.0))
    assert found.part(0.0, 0.25).hand_top[RIGHT] < -0.9 < 0.8 < found.part(0.6, 1.0).hand_top[RIGHT]
    assert found.part(0.5, 0.5).seconds > 0


def test_short_and_still_clips_have_all_facts():
    for figure in (Figure(0.05), Figure(1.0)):
        found = facts(figure)
        for concept in CONCEPTS.values():
            for side in (LEFT, RIGHT):
                assert 0.0 <= concept.value(found, side) <= 1.0, concept.id
    assert Series(Figure(0.05).joints()).frames == 4
