"""Borders meet in place and speed, whatever stands inside; nothing outside changes."""

import numpy as np
import pytest

from backend.editing import arrival, seam
from backend.editing.measure import seam_jump
from contract import quaternions
from contract.skeleton import JOINTS, forward_kinematics


def wandering(seed, frames=60):
    """Smooth random turns of all joints and a smooth way."""
    random = np.random.default_rng(seed)
    time = np.arange(frames)[:, None] / 20.0
    axes = random.normal(size=(len(JOINTS), 3))
    axes /= np.linalg.norm(axes, axis=-1, keepdims=True)
    angles = 0.5 * np.sin(2.0 * time + random.uniform(0, 6, len(JOINTS)))
    rotations = quaternions.about(np.broadcast_to(axes, (frames, len(JOINTS), 3)), angles)
    rotations[:, 0] = quaternions.about((0.0, 1.0, 0.0), random.uniform(-3, 3) + 0.5 * time[:, 0])
    root = np.concatenate([np.sin(time + random.uniform(0, 6)), 0.9 + 0 * time, time], axis=-1)
    return rotations, root


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


def test_an_arrival_is_exact_and_leaves_the_beginning_alone():
    rotations, root = wandering(4)
    goal = quaternions.multiply(quaternions.about((0.0, 1.0, 0.0), 0.7), rotations[50, 0]), root[50] + (0.4, 0.0, -0.3)
    turned, way = arrival.arriving(rotations, root, 10, 50, goal)
    np.testing.assert_allclose(way[50], goal[1], atol=1e-9)
    assert quaternions.angle_between(turned[50, 0], goal[0]) < 1e-6
    np.testing.assert_array_equal(way[:11], root[:11])
    assert arrival.miss(turned, way, 50, goal) < 1e-6 < arrival.miss(rotations, root, 50, goal)


def test_placing_moves_a_clip_as_one():
    rotations, root = wandering(5)
    goal = quaternions.about((0.0, 1.0, 0.0), 1.3), np.array([3.0, 0.9, -2.0])
    before = forward_kinematics(rotations, root)
    after = forward_kinematics(*arrival.placed(rotations, root, 7, goal))

    def spread(p):
        return np.linalg.norm(p[:, :, None] - p[:, None, ::4], axis=-1)

    np.testing.assert_allclose(spread(after[::9]), spread(before[::9]), atol=1e-9)
    np.testing.assert_allclose(after[7, 0, ::2], goal[1][::2], atol=1e-9)
