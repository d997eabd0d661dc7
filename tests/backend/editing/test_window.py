"""Any frame rate and any length: what is outside stays, what cannot be is refused, an edit can be ended."""

import numpy as np
import pytest

from backend.editing.inpaint import inpaint_range
from backend.editing.pose import chained, piece
from common.motion.skeleton import forward_kinematics

from .conftest import edit, silent

FIELDS = ("rotations", "root", "positions", "contacts")


@pytest.mark.parametrize("fps", [12.5, 24.0, 30.0, 60.0, 120.0])
@pytest.mark.parametrize("share", [(0.3, 0.6), (0.0, 0.5), (0.5, 1.0), (0.4, 0.43)])
def test_frames_outside_keep_their_bits_at_any_rate(pipeline, clip, fps, share):
    clip = clip.resampled(fps)
    start, end = (round(part * clip.frames) for part in share)
    edited = inpaint_range(pipeline, edit(clip, start, end), silent)
    outside = np.r_[0:start, end : clip.frames]
    assert (edited.frames, edited.fps) == (clip.frames, fps)
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(edited, name)[outside], getattr(clip, name)[outside])
    assert not np.array_equal(edited.rotations[start:end], clip.rotations[start:end])
    np.testing.assert_allclose(forward_kinematics(edited.rotations, edited.root), edited.positions, atol=1e-5)


def test_a_range_in_a_long_clip_is_the_same_as_in_its_neighbourhood(pipeline, clip):
    long = chained(*[clip] * 10)
    edited = inpaint_range(pipeline, edit(long, 620, 660), silent)
    part = inpaint_range(pipeline, edit(piece(long, 420, 860), 200, 240), silent)
    np.testing.assert_array_equal(edited.root[620:660], part.root[200:240])


def test_at_another_rate_the_rest_follows_as_one(pipeline, clip):
    clip = clip.resampled(30.0)
    edited = inpaint_range(pipeline, edit(clip, 60, 120, arrive=False), silent)
    np.testing.assert_array_equal(edited.rotations[120:, 1:], clip.rotations[120:, 1:])
    assert np.linalg.norm(edited.root[120] - clip.root[120]) > 1e-3


def test_an_edit_ends_where_on_step_raises_and_the_clip_is_untouched(pipeline, clip):
    before = clip.rotations.tobytes()
    steps = []

    def on_step(step, total):
        steps.append((step, total))
        if step == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        inpaint_range(pipeline, edit(clip, 40, 80), on_step)
    assert steps == [(0, 4), (1, 4), (2, 4)]
    assert clip.rotations.tobytes() == before
