"""Strips in a row: one clip of the right length, borders that are told, strips that can be redone."""

import itertools

import numpy as np
import pytest

from backend.cancel import Cancelled
from backend.editing.sequence import Chain, Strip, redo_strip, sequence
from common.errors import InputError

from .conftest import silent

STRIPS = (
    Strip("a person walks", 2.05),
    Strip("a person sits down", 1.0),
    Strip("a person runs", 9.5),
    Strip("a person waves"),
)


@pytest.fixture(scope="module")
def chain(pipeline):
    return Chain(STRIPS, 5, pipeline.networks.sampling)


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
    other = sequence(pipeline, Chain(STRIPS, 6, chain.sampling), silent)
    assert not np.array_equal(other.rotations, made.rotations)


def test_one_strip_is_redone_alone(pipeline, made, asked):
    start, end = 61, 251
    new = redo_strip(pipeline, made, 2, asked("a person jumps", 9), silent)
    outside = np.r_[0:start, end : made.frames]
    np.testing.assert_array_equal(new.rotations[outside], made.rotations[outside])
    assert not np.array_equal(new.rotations[start:end], made.rotations[start:end])
    redone = new.meta["settings"]["strips"]
    assert redone[2] == {"prompt": "a person jumps", "seed": 9, "start": start, "end": end}
    assert redone[:2] == made.meta["settings"]["strips"][:2]


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


def test_chains_that_cannot_be_are_refused(pipeline, clip, asked, chain):
    with pytest.raises(InputError, match="strips"):
        Chain((), 0, chain.sampling)
    with pytest.raises(InputError, match=r"seconds is 0\.5"):
        Strip("a person walks", 0.5)
    with pytest.raises(InputError, match="seconds of all strips is 80"):
        sequence(pipeline, Chain((Strip("a person walks", 20.0),) * 4, 0, chain.sampling), silent)
    for one in (clip, sequence(pipeline, Chain(STRIPS[:1], 0, chain.sampling), silent)):
        with pytest.raises(InputError, match="strip is 1"):
            redo_strip(pipeline, one, 1, asked(), silent)
