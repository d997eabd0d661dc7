"""Loops close: the frame after the last is the first, moved by the offset that the clip tells."""

import numpy as np
import pytest

from backend.editing.loop import loop, loop_seam
from common.wire.requests import Loop

from .conftest import silent


def make(pipeline, **options):
    return loop(pipeline, Loop("a person walks", seed=4, **options), silent)


@pytest.mark.parametrize("travel", [False, True])
@pytest.mark.parametrize("seconds", [None, 0.8, 2.0, 9.0])
def test_the_seam_is_no_rougher_than_the_rest(pipeline, seconds, travel):
    made = make(pipeline, seconds=seconds, travel=travel)
    facts = made.meta["settings"]["edits"][-1]
    assert facts["period"] == made.frames
    assert seconds is None or made.frames == round(seconds * 20)
    offset = np.array(facts["offset_m"])
    assert travel or not offset.any()
    twice = np.concatenate([made.positions, made.positions + offset])
    steps = np.linalg.norm(np.diff(twice, axis=0), axis=-1).mean(axis=-1)
    assert steps[made.frames - 1] <= np.percentile(steps, 90) * 1.1
    assert facts["seams"][0]["position"] == pytest.approx(loop_seam(made, offset)[0])
    assert facts["turn_rad"] / (2 * np.pi) == pytest.approx(round(facts["turn_rad"] / (2 * np.pi)), abs=1e-3)


def test_a_loop_stands_at_the_origin_and_in_place_means_no_way(pipeline):
    made = make(pipeline, seconds=2.0, travel=True)
    np.testing.assert_allclose(made.root[0, ::2], 0.0, atol=1e-6)
    moving, still = (make(pipeline, seconds=2.0, travel=travel) for travel in (True, False))
    np.testing.assert_array_equal(moving.rotations, still.rotations)
    offset = np.array(moving.meta["settings"]["edits"][-1]["offset_m"])
    away = (moving.root - still.root)[-1]
    np.testing.assert_allclose(away, offset * (39 / 40), atol=1e-5)


def test_a_loop_says_whether_it_does_what_was_asked(pipeline):
    verdict = make(pipeline, seconds=2.0).meta["verdict"]
    assert verdict["met"] in (True, False, None)
    assert verdict["takes"] == []
