"""Borders meet in place and speed, whatever stands inside; nothing outside changes."""

import numpy as np
import pytest

from common.motion import quaternions, seam
from common.motion.seam import seam_jump
from common.motion.skeleton import forward_kinematics
from tests.wandering import wandering


@pytest.mark.parametrize(("start", "end"), [(20, 40), (1, 59), (30, 32), (0, 30), (30, 60)])
def test_outside_stays_bit_for_bit_and_borders_meet(start, end):
    old, new = wandering(1), wandering(1)
    shifted = quaternions.multiply(quaternions.about((0.0, 0.0, 1.0), 0.1), new[0]), new[1] + (0.05, 0.02, 0.0)
    rotations, root = seam.joined(shifted, old, start, end)
    outside = np.r_[0:start, end:60]
    assert np.array_equal(rotations[outside], old[0][outside])
    assert np.array_equal(root[outside], old[1][outside])
    assert not np.array_equal(root[start:end], old[1][start:end])
    positions = forward_kinematics(rotations, root)
    for border in (start, end):
        assert max(seam_jump(positions, border)) < (1.1 if end - start > 4 else 3.0)


def test_a_hard_cut_is_seen_as_a_jump():
    old, new = wandering(1), wandering(2)
    cut = forward_kinematics(np.concatenate([old[0][:30], new[0][30:]]), np.concatenate([old[1][:30], new[1][30:]]))
    assert min(seam_jump(cut, 30)) > 3.0
    assert max(seam_jump(forward_kinematics(*old), 30)) < 0.2


def test_a_constant_offset_fades_without_overshoot():
    old = wandering(3)
    rotations, root = seam.joined((old[0], old[1] + (0.2, 0.0, 0.0)), old, 20, 60)
    offset = (root - old[1])[:, 0]
    assert (np.diff(offset[19:31]) >= -1e-9).all()
    np.testing.assert_allclose(offset[30:], 0.2)
    np.testing.assert_array_equal(rotations, old[0])


def test_many_places_fade_each_as_it_would_alone():
    old = wandering(6)
    random = np.random.default_rng(0)
    new = old[0], random.normal(size=(60, 5, 3)).cumsum(axis=0)
    stays = random.normal(size=(60, 5, 3))
    _, together = seam.joined(new, (old[0], stays), 20, 45)
    for column in range(5):
        _, alone = seam.joined((old[0], new[1][:, column]), (old[0], stays[:, column]), 20, 45)
        np.testing.assert_array_equal(together[:, column], alone)


def test_a_part_of_a_clip_has_the_jump_of_the_whole():
    positions = forward_kinematics(*wandering(7))
    step = seam.frame_step(positions)
    assert seam_jump(positions[28:32], 2, step) == seam_jump(positions, 30) != (0.0, 0.0)
    assert seam_jump(positions, 1) == seam_jump(positions, 59) == (0.0, 0.0)
