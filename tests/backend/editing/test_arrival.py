"""A stretch that arrives where a clip goes on, and clips that are put somewhere."""

import numpy as np

from backend.editing import arrival
from common.motion import quaternions
from common.motion.skeleton import forward_kinematics
from tests.wandering import wandering


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
