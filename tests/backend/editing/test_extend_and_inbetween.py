"""Clips that go on, begin earlier or are joined keep their own frames; lengths are what was asked."""

import numpy as np
import pytest

from backend.editing.extend import extend
from backend.editing.inbetween import inbetween
from backend.editing.pose import piece
from common.errors import InputError

from .conftest import silent


@pytest.mark.parametrize("fps", [20.0, 30.0, 24.0])
@pytest.mark.parametrize("before", [False, True])
def test_an_extended_clip_keeps_its_frames_and_gains_seconds(pipeline, clip, asked, before, fps):
    clip = clip.resampled(fps)
    longer = extend(pipeline, clip, 2.0, asked(), silent, before=before)
    added = round(2.0 * fps)
    assert longer.frames == clip.frames + added
    kept = slice(added, None) if before else slice(0, clip.frames)
    for name in ("rotations", "root", "positions", "contacts"):
        np.testing.assert_array_equal(getattr(longer, name)[kept], getattr(clip, name))
    facts = longer.meta["settings"]["edits"][-1]
    assert facts["range"] == ([0, added] if before else [clip.frames, clip.frames + added])
    assert np.linalg.norm(longer.positions[added - 1] - longer.positions[added]) < 5.0


@pytest.mark.parametrize("seconds", [0.0, -1.0, 61.0, float("nan"), "long", True])
def test_a_length_that_cannot_be_is_refused(pipeline, clip, asked, seconds):
    with pytest.raises(InputError, match="seconds"):
        extend(pipeline, clip, seconds, asked(), silent)


def test_the_second_clip_stays_where_it_stands_or_follows(pipeline, clip, asked):
    first, second = piece(clip, 0, 50), piece(clip, 60, 121)
    stays = inbetween(pipeline, first, second, 1.5, asked(), silent)
    np.testing.assert_array_equal(stays.rotations[:50], first.rotations)
    np.testing.assert_array_equal(stays.root[80:], second.root)
    same_turn = np.abs(np.sum(stays.rotations[80:] * second.rotations, axis=-1))
    np.testing.assert_allclose(same_turn, 1.0, atol=1e-6)
    follows = inbetween(pipeline, first, second, 1.5, asked(arrive=False), silent)
    same_turn = np.abs(np.sum(follows.rotations[80:, 1:] * second.rotations[:, 1:], axis=-1))
    np.testing.assert_allclose(same_turn, 1.0, atol=1e-6)
    spread = [np.linalg.norm(p[:, 0] - p[:1, 0], axis=-1) for p in (follows.positions[80:], second.positions)]
    np.testing.assert_allclose(*spread, atol=1e-4)
    assert len(follows.meta["settings"]["edits"][-1]["seams"]) == 2


def test_two_poses_are_one_frame_each(pipeline, clip, asked):
    made = inbetween(pipeline, piece(clip, 10, 11), piece(clip, 90, 91), 2.0, asked(), silent)
    assert made.frames == 42
    np.testing.assert_array_equal(made.root[[0, -1]], clip.root[[10, 90]])
    assert made.meta["settings"]["edits"][-1]["range"] == [1, 41]


def test_clips_that_cannot_be_joined_are_refused(pipeline, clip, asked):
    with pytest.raises(InputError, match=r"second\.fps is 30"):
        inbetween(pipeline, clip, clip.resampled(30.0), 1.0, asked(), silent)
    with pytest.raises(InputError, match="first is '2 frames'"):
        inbetween(pipeline, piece(clip, 0, 2), clip, 1.0, asked(), silent)
