"""Clips that go on, begin earlier or are joined keep their own frames; lengths are what was asked."""

import numpy as np
import pytest

from backend.editing.extend import extend
from backend.editing.inbetween import inbetween
from backend.editing.pose import piece
from common.wire.requests import Extend, InBetween

from .conftest import silent

JUMP = "a person jumps"


@pytest.mark.parametrize("fps", [20.0, 30.0, 24.0])
@pytest.mark.parametrize("before", [False, True])
def test_an_extended_clip_keeps_its_frames_and_gains_seconds(pipeline, clip, before, fps):
    clip = clip.resampled(fps)
    longer = extend(pipeline, Extend(clip, JUMP, 2.0, before=before, seed=1), silent)
    added = round(2.0 * fps)
    assert longer.frames == clip.frames + added
    kept = slice(added, None) if before else slice(0, clip.frames)
    for name in ("rotations", "root", "positions", "contacts"):
        np.testing.assert_array_equal(getattr(longer, name)[kept], getattr(clip, name))
    facts = longer.meta["settings"]["edits"][-1]
    assert facts["range"] == ([0, added] if before else [clip.frames, clip.frames + added])
    assert np.linalg.norm(longer.positions[added - 1] - longer.positions[added]) < 5.0


def test_the_second_clip_stays_where_it_stands_or_follows(pipeline, clip):
    first, second = piece(clip, 0, 50), piece(clip, 60, 121)
    stays = inbetween(pipeline, InBetween(first, second, JUMP, 1.5, seed=1), silent)
    np.testing.assert_array_equal(stays.rotations[:50], first.rotations)
    np.testing.assert_array_equal(stays.root[80:], second.root)
    same_turn = np.abs(np.sum(stays.rotations[80:] * second.rotations, axis=-1))
    np.testing.assert_allclose(same_turn, 1.0, atol=1e-6)
    follows = inbetween(pipeline, InBetween(first, second, JUMP, 1.5, arrive=False, seed=1), silent)
    same_turn = np.abs(np.sum(follows.rotations[80:, 1:] * second.rotations[:, 1:], axis=-1))
    np.testing.assert_allclose(same_turn, 1.0, atol=1e-6)
    spread = [np.linalg.norm(p[:, 0] - p[:1, 0], axis=-1) for p in (follows.positions[80:], second.positions)]
    np.testing.assert_allclose(*spread, atol=1e-4)
    assert len(follows.meta["settings"]["edits"][-1]["seams"]) == 2


def test_two_poses_are_one_frame_each(pipeline, clip):
    made = inbetween(pipeline, InBetween(piece(clip, 10, 11), piece(clip, 90, 91), JUMP, 2.0, seed=1), silent)
    assert made.frames == 42
    np.testing.assert_array_equal(made.root[[0, -1]], clip.root[[10, 90]])
    assert made.meta["settings"]["edits"][-1]["range"] == [1, 41]
