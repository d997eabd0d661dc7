"""What words say by themselves: sides, order, togetherness, counts, denials."""

import pytest

from backend.drafts import words
from backend.drafts.words import LEFT, RIGHT


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("raise your left arm", {LEFT}),
        ("turns clockwise", {RIGHT}),
        ("spins counter-clockwise", {LEFT}),
        ("goes anticlockwise", {LEFT}),
        ("steps rightwards", {RIGHT}),
        ("right away he left the room", set()),
        ("looks left and right", set()),
        ("waves the left hand, then the right", {LEFT, RIGHT}),
        ("walks", set()),
    ],
)
def test_sides(text, named):
    assert words.sides(text) == named


@pytest.mark.parametrize("text", ["Turn left", "waves the right hand", "goes clockwise", "right away, turn right"])
def test_a_mirrored_sentence_names_the_other_side_and_comes_back(text):
    assert words.sides(words.mirrored(text)) == {1 - side for side in words.sides(text)}
    assert words.mirrored(words.mirrored(text)).lower() == text.lower()


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("jumps, then waves", ["jumps", "waves"]),
        ("after jumping, she waves", ["jumping", "she waves"]),
        ("she waves after jumping", ["jumping", "she waves"]),
        ("before sitting down, he claps", ["he claps", "sitting down"]),
        ("walks; sits down; stands up", ["walks", "sits down", "stands up"]),
        ("walks to the next house", ["walks to the next house"]),
        ("a jump, immediately followed by a bow", ["a jump", "a bow"]),
        ("sits a moment, only to rise again", ["sits a moment", "rise again"]),
        ("he only walks", ["he only walks"]),
        ("claps prior to leaving", ["claps", "leaving"]),
    ],
)
def test_phases_come_in_the_order_of_what_happens(text, order):
    assert words.phases(text) == order


def test_what_goes_on_at_once():
    assert words.at_once("walks while waving") == ["walks", "waving"]
    assert words.at_once("while walking, he waves") == ["he waves", "walking"]
    assert words.at_once("claps as she runs") == ["claps", "runs"]
    assert words.at_once("has a rest") == ["has a rest"]
    assert words.halves("walks and waves, happy") == [("walks", "waves, happy"), ("walks and waves", "happy")]
    assert words.halves("walks n waves") == words.halves("walks & waves") == [("walks", "waves")]


def test_where_a_way_leads_is_no_part_of_it():
    assert words.aimless("ambles over to the sofa") == "ambles"
    assert words.aimless("she walks towards her old house") == "she walks"
    assert words.aimless("runs to the left side") == "runs to the left side"
    assert words.aimless("walks two steps ahead") == "walks two steps ahead"


def test_what_is_denied_is_cut_out():
    clause = words.denied("walks forward without swinging the arms, then stops")
    assert clause.text == "walks forward, then stops"
    assert clause.denied == ("swinging the arms",)
    assert words.denied("stands still").denied == ()


@pytest.mark.parametrize(
    ("text", "times"), [("jumps three times", 3), ("kicks twice", 2), ("claps", None), ("2 jumps", 2)]
)
def test_counts(text, times):
    assert words.count(text) == times
    assert words.count(words.uncounted("jumps three times")) is None
