"""Sentences -> what they ask for, with the lexicon's own vectors; and clips held against that."""

import pytest

from backend.drafts import lexicon
from backend.drafts.facts import Facts
from backend.drafts.requirements import Reader, Verdict
from backend.drafts.words import LEFT, RIGHT
from backend.text.minilm import MiniLM
from tests.backend.drafts.figure import Figure


@pytest.fixture(scope="module")
def reader():
    encoder = MiniLM()
    return Reader(lexicon.load(), lambda texts, words: lexicon.encoded(encoder, texts, words))


def actions(wanted):
    return [[wish.best.concept.id for wish in phase] for phase in wanted.phases]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a person runs", [["run_forward"]]),
        ("jogging on the spot", [["run_on_the_spot"]]),
        ("stands like a flamingo", [["balance_one_leg"]]),
        ("arms akimbo", [["hands_on_hips"]]),
        ("goes down the stairs", [["downstairs"]]),
        ("climbs the stairs", [["upstairs"]]),
        ("she stays seated on a chair", [["sit_still"]]),
        ("a person jumps twice", [["jump_up"]]),
        ("a man is sprinting", [["run_forward"]]),
        ("he jumps, then waves with both hands", [["jump_up"], ["wave_both"]]),
        ("a person walks forward and waves the right hand", [["walk_forward", "wave_right"]]),
        ("walks while waving the left hand", [["walk_forward", "wave_right"]]),
        ("after jumping, she turns to the left", [["jump_up"], ["turn_right"]]),
        ("a man walks forward and lies down", [["walk_forward"], ["lie_down"]]),
        ("walks to the table and bows", [["walk_forward"], ["bow"]]),
        ("steps back and falls over", [["walk_backward"], ["fall_down"]]),
        ("walks on hands and knees", [["crawl"]]),
        ("squats down and comes up again and again", [["squat"]]),
    ],
)
def test_actions_of_a_sentence(reader, text, found):
    assert actions(reader.read(text)) == found


@pytest.mark.parametrize(
    ("text", "side"), [("wave your left hand", LEFT), ("turn right", RIGHT), ("turns", None), ("kick", None)]
)
def test_the_side_is_the_one_that_is_named(reader, text, side):
    assert reader.read(text).phases[0][0].best.side == side


def test_what_is_not_an_action_is_not_known(reader):
    assert reader.read("a person waves").known
    assert not reader.read("the square root of seven").known


def test_a_clip_of_the_named_side_is_worth_more_than_its_mirror_image(reader):
    wanted = reader.read("raises the left arm")
    left, right = (Facts.of(Figure().raised(side, 1.0).joints()) for side in ("left", "right"))
    assert wanted.value(left) > 0.9
    assert wanted.value(right) < 0.2
    assert wanted.verdict(left) == Verdict(True, ["raising the left arm"], [])
    assert wanted.verdict(right) == Verdict(False, [], ["no raised left arm"])


def test_phases_are_wanted_in_their_order(reader):
    wanted = reader.read("turns left, then jumps")
    figure = Figure(4.0)
    turn = figure.share.copy()
    figure.share = (turn / 0.4).clip(0, 1)
    figure.turning(90)
    figure.share = ((turn - 0.6) / 0.4).clip(0, 1)
    figure.jumping(0.35)
    good = figure.joints()
    assert wanted.value(Facts.of(good)) > wanted.value(Facts.of(good[::-1])) + 0.2


def test_counts_and_denials_weigh(reader):
    thrice, once = (Facts.of(Figure(5.0).jumping(0.3, times).joints()) for times in (3, 1))
    wanted = reader.read("jumps three times")
    assert wanted.value(thrice) > wanted.value(once)
    assert any("3 times" in text for text in wanted.verdict(once).missing)
    still = reader.read("waves without walking")
    assert "no staying in place" in still.verdict(Facts.of(Figure().going(3.0).joints())).missing


def test_what_is_met_half_way_is_neither_met_nor_missing(reader):
    wanted = reader.read("a person waves and jumps up")
    verdict = wanted.verdict(Facts.of(Figure().joints()))
    assert verdict.met is False
    assert verdict.missing
    unclear = reader.read("waves")
    guesses = [guess.concept.id for guess in unclear.phases[0][0].guesses]
    assert unclear.verdict(Facts.of(Figure().joints())).met is False, guesses
    assert reader.read("the square root of seven").verdict(Facts.of(Figure().joints())).met is None
