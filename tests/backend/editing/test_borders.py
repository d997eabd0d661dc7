"""Borders where the speed jumps are smoothed inside the range, and nothing is touched where they do not."""

import numpy as np
import pytest

from backend.editing.borders import MOST_JUMP, carried, smoothed
from backend.editing.pose import pose_of
from common.motion import quaternions, seam
from common.motion.skeleton import forward_kinematics

START, END = 40, 80


@pytest.fixture
def kinked(clip):
    """The clip, its range turned and shifted more and more towards a border that stays: places meet, speeds do not."""
    rotations, root = pose_of(clip)
    share = np.zeros(clip.frames)
    share[START:END] = np.linspace(1.0, 0.0, END - START + 2)[1:-1] * np.linspace(0.0, 1.0, END - START + 2)[1:-1]
    rotations = quaternions.multiply(
        quaternions.about((1.0, 0.0, 0.0), np.repeat(8.0 * share[:, None], 22, 1)), rotations
    )
    return rotations, root + 20.0 * share[:, None]


def jump(pose, at):
    return max(seam.seam_jump(forward_kinematics(*pose), at))


def test_a_jump_of_speed_is_eased_and_what_is_outside_keeps_its_bits(kinked, clip):
    made = smoothed(kinked, START, END, clip.fps)
    for at in (START, END):
        assert jump(made, at) < 0.8 * jump(kinked, at)
    outside = np.r_[0:START, END : clip.frames]
    for new, old in zip(made, kinked, strict=True):
        assert np.array_equal(new[outside], old[outside])
    np.testing.assert_allclose(np.linalg.norm(made[0], axis=-1), 1.0, atol=1e-9)


def test_a_border_that_does_not_jump_keeps_its_bits(clip):
    rotations = np.repeat(pose_of(clip)[0][:1], 60, axis=0)
    even = rotations, np.arange(60)[:, None] * np.array([[0.0, 0.0, 0.05]])
    assert jump(even, 20) < MOST_JUMP
    assert all(np.array_equal(new, old) for new, old in zip(smoothed(even, 20, 40, 20.0), even, strict=True))


@pytest.mark.parametrize(("at", "towards"), [(START, 1), (END, -1)])
def test_what_is_carried_goes_on_at_the_speed_beyond_and_ends_in_its_own(kinked, at, towards):
    made = carried(kinked, at, towards, 8)
    last = at - 1 if towards > 0 else at
    before, after = made[1][last] - made[1][last - towards], made[1][last + towards] - made[1][last]
    own = kinked[1][last + towards] - kinked[1][last]
    assert np.linalg.norm(after - before) < 0.3 * np.linalg.norm(own - before)
    changed = np.flatnonzero(np.any(made[1] != kinked[1], axis=1))
    assert set(changed) <= {last + towards * count for count in range(1, 9)}


def test_short_ranges_and_ends_of_clips_keep_what_is_outside(kinked, clip):
    for start, end in ((0, 30), (30, clip.frames), (1, 3), (clip.frames - 3, clip.frames - 1)):
        outside = np.r_[0:start, end : clip.frames]
        for new, old in zip(smoothed(kinked, start, end, clip.fps), kinked, strict=True):
            assert np.array_equal(new[outside], old[outside])
            assert np.isfinite(new).all()
