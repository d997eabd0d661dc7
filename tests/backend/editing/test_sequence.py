"""Strips in a row: one clip of the right length, borders that are told."""

import itertools

import numpy as np
import pytest

from backend.editing.sequence import sequence
from backend.serve import Cancelled
from common.errors import InputError
from common.wire.requests import Sequence, Strip

from .conftest import silent

STRIPS = (
    Strip("a person walks", 2.05),
    Strip("a person sits down", 1.0),
    Strip("a person runs", 9.5),
    Strip("a person waves"),
)


@pytest.fixture(scope="module")
def chain():
    return Sequence(STRIPS, seed=5)


@pytest.fixture(scope="module")
def made(pipeline, chain):
    return sequence(pipeline, chain, silent)


def test_strips_lie_end_to_end_at_their_lengths(made):
    strips = made.meta["settings"]["strips"]
    assert [strip["prompt"] for strip in strips] == [strip.prompt for strip in STRIPS]
    assert strips[0]["start"] == 0
    assert strips[-1]["end"] == made.frames
    assert all(before["end"] == after["start"] for before, after in itertools.pairwise(strips))
    assert [strip["end"] - strip["start"] for strip in strips[:3]] == [41, 20, 190]
    assert len(made.meta["settings"]["edits"][-1]["seams"]) == 3


def test_a_sequence_is_the_same_again_and_differs_by_seed(pipeline, chain, made):
    assert sequence(pipeline, chain, silent).rotations.tobytes() == made.rotations.tobytes()
    other = sequence(pipeline, Sequence(STRIPS, seed=6), silent)
    assert not np.array_equal(other.rotations, made.rotations)


def test_progress_only_grows_and_may_end_it(pipeline, chain):
    shares = []

    def on_step(step, total):
        shares.append(step / total)
        if len(shares) == 12:
            raise Cancelled

    with pytest.raises(Cancelled):
        sequence(pipeline, chain, on_step)
    assert shares == sorted(shares)
    assert shares[-1] < 1.0


def test_strips_whose_own_lengths_are_too_long_are_refused(pipeline, monkeypatch):
    monkeypatch.setattr(pipeline, "seconds", lambda prompt: 20.0)
    with pytest.raises(InputError, match="seconds of all strips is 80"):
        sequence(pipeline, Sequence((Strip("a person walks"),) * 4), silent)
