"""Poses on the way are met, in place and without a jerk; nothing outside moves."""

import numpy as np
import pytest

from backend.editing.key_poses import KeyPose, fill_keys
from backend.editing.pose import piece
from common.errors import InputError

from .conftest import silent


def keys_of(clip, *frames):
    """The clip's own poses at some frames."""
    return [KeyPose(frame, piece(clip, frame, frame + 1)) for frame in frames]


@pytest.mark.parametrize("fps", [20.0, 30.0])
@pytest.mark.parametrize("tolerance", [2.0, 0.0])
def test_keys_are_met_within_the_tolerance_and_the_error_is_told(pipeline, clip, asked, fps, tolerance):
    clip = clip.resampled(fps)
    start, end, frames = round(2 * fps), round(4.5 * fps), [round(2.6 * fps), round(3.5 * fps)]
    keys = keys_of(clip, *frames)
    edited = fill_keys(pipeline, clip, start, end, keys, asked(), silent, tolerance)
    far = np.linalg.norm(edited.positions[frames] - clip.positions[frames], axis=-1).max(axis=-1) * 100
    assert (far <= tolerance + 0.01).all()
    np.testing.assert_allclose(edited.meta["settings"]["edits"][-1]["key_errors_cm"], far, atol=1e-3)
    outside = np.r_[0:start, end : clip.frames]
    np.testing.assert_array_equal(edited.rotations[outside], clip.rotations[outside])
    between = frames[0] + 5
    assert not np.allclose(edited.positions[between], clip.positions[between], atol=1e-3)


@pytest.mark.parametrize("frames", [(50,), (40,), (79,), (40, 41, 42), (50, 51, 79)])
def test_keys_may_stand_anywhere_in_the_range(pipeline, clip, asked, frames):
    edited = fill_keys(pipeline, clip, 40, 80, keys_of(clip, *frames), asked(), silent)
    assert max(edited.meta["settings"]["edits"][-1]["key_errors_cm"]) <= 2.0


@pytest.mark.parametrize(("start", "end", "frame"), [(0, 60, 0), (0, 60, 30), (60, 121, 120), (60, 121, 90)])
def test_the_range_may_be_the_beginning_or_the_end(pipeline, clip, asked, start, end, frame):
    edited = fill_keys(pipeline, clip, start, end, keys_of(clip, frame), asked(), silent)
    assert max(edited.meta["settings"]["edits"][-1]["key_errors_cm"]) <= 2.0


def test_keys_that_cannot_be_are_refused(pipeline, clip, asked):
    for keys in (keys_of(clip, 20), keys_of(clip, 50, 50)):
        with pytest.raises(InputError, match="key pose is 'at frame"):
            fill_keys(pipeline, clip, 40, 80, keys, asked(), silent)
    with pytest.raises(InputError, match="key poses"):
        fill_keys(pipeline, clip, 40, 80, [], asked(), silent)
    with pytest.raises(InputError, match="single frame"):
        KeyPose(50, piece(clip, 3, 6))
