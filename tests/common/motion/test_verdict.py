"""One sentence from a clip's facts."""

import pytest

from common.motion.verdict import said

BASE = {"met": True, "done": ["a jump"], "missing": [], "closest": None, "recorded": None}


@pytest.mark.parametrize(
    ("verdict", "sentence"),
    [
        (BASE, "Does what you asked"),
        (BASE | {"recorded": "mine/one"}, "Does what you asked; from a recorded take (mine/one)"),
        (BASE | {"met": False, "missing": ["no jump", "no turn to the left"]}, "Missing: no jump, no turn to the left"),
        (BASE | {"met": False, "missing": list("abcd")}, "Missing: a, b, c"),
        (BASE | {"met": None, "closest": "a jump"}, "Not sure what was meant; closest: a jump"),
        ("nonsense", ""),
        (BASE | {"met": None}, "Cannot tell whether it does what you asked"),
        (BASE | {"met": None, "missing": ["no jump"]}, "Cannot tell whether it does what you asked; perhaps no jump"),
        ({}, "Cannot tell whether it does what you asked"),
    ],
)
def test_a_verdict_is_one_sentence(verdict, sentence):
    assert said({"verdict": verdict}) == sentence


def test_a_clip_of_which_nothing_was_asked_says_nothing():
    assert said({}) == ""
