"""Poses on the way are met, in place and without a jerk; nothing outside moves."""

import numpy as np
import pytest

from backend.editing.key_poses import inpaint_key_poses
from backend.editing.pose import piece
from common.wire.requests import KeyPose

from .conftest import edit, silent


def keys_of(clip, *frames):
    """The clip's own poses at some frames."""
    return [KeyPose(frame, piece(clip, frame, frame + 1)) for frame in frames]


@pytest.mark.parametrize("fps", [20.0, 30.0])
@pytest.mark.parametrize("tolerance", [2.0, 0.0])
def test_keys_are_met_within_the_tolerance_and_the_error_is_told(pipeline, clip, fps, tolerance):
    clip = clip.resampled(fps)
    start, end, frames = round(2 * fps), round(4.5 * fps), [round(2.6 * fps), round(3.5 * fps)]
    keys = keys_of(clip, *frames)
    edited = inpaint_key_poses(pipeline, edit(clip, start, end, key_poses=keys, tolerance_cm=tolerance), silent)
    far = np.linalg.norm(edited.positions[frames] - clip.positions[frames], axis=-1).max(axis=-1) * 100
    assert (far <= tolerance + 0.01).all()
    np.testing.assert_allclose(edited.meta["settings"]["edits"][-1]["key_errors_cm"], far, atol=1e-3)
    outside = np.r_[0:start, end : clip.frames]
    np.testing.assert_array_equal(edited.rotations[outside], clip.rotations[outside])
    between = frames[0] + 5
    assert not np.allclose(edited.positions[between], clip.positions[between], atol=1e-3)


@pytest.mark.parametrize("frames", [(50,), (40,), (79,), (40, 41, 42), (50, 51, 79)])
def test_keys_may_stand_anywhere_in_the_range(pipeline, clip, frames):
    edited = inpaint_key_poses(pipeline, edit(clip, 40, 80, key_poses=keys_of(clip, *frames)), silent)
    assert max(edited.meta["settings"]["edits"][-1]["key_errors_cm"]) <= 2.0


@pytest.mark.parametrize(("start", "end", "frame"), [(0, 60, 0), (0, 60, 30), (60, 121, 120), (60, 121, 90)])
def test_the_range_may_be_the_beginning_or_the_end(pipeline, clip, start, end, frame):
    edited = inpaint_key_poses(pipeline, edit(clip, start, end, key_poses=keys_of(clip, frame)), silent)
    assert max(edited.meta["settings"]["edits"][-1]["key_errors_cm"]) <= 2.0
