"""Limbs of two bones reach their target, whatever their lengths and wherever they point."""

import numpy as np
import pytest

from common.motion import quaternions
from common.motion.feet.two_bone import reach


def reached(limb, turns):
    """The middle joint and the end under the turns of both bones."""
    first, second = turns
    middle = limb[..., 0, :] + quaternions.rotate(first, limb[..., 1, :] - limb[..., 0, :])
    return middle, middle + quaternions.rotate(second, limb[..., 2, :] - limb[..., 1, :])


def test_the_ankle_comes_to_the_target_in_the_plane_of_the_knee():
    leg = np.array([[0.0, 1.0, 0.0], [0.0, 0.62, 0.1], [0.0, 0.2, 0.0]])
    target = np.array([0.0, 0.3, 0.25])
    knee, ankle = reached(leg, reach(leg, np.array([1.0, 0.0, 0.0]), target))
    np.testing.assert_allclose(ankle, target, atol=1e-9)
    assert abs(knee[0]) < 1e-9
    assert np.cross(knee - leg[0], target - knee)[0] > 0


def test_a_target_too_far_away_is_approached_with_a_straight_limb():
    leg = np.array([[0.0, 1.0, 0.0], [0.0, 0.6, 0.05], [0.0, 0.2, 0.0]])
    _, ankle = reached(leg, reach(leg, np.array([1.0, 0.0, 0.0]), np.array([2.0, 1.0, 0.0])))
    length = np.linalg.norm(leg[1] - leg[0]) + np.linalg.norm(leg[2] - leg[1])
    np.testing.assert_allclose(ankle, (length, 1.0, 0.0), atol=1e-4)


@pytest.mark.parametrize("axis", [(1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.6, 0.0, 0.8)])
def test_a_straight_limb_bends_about_the_axis_it_is_told(axis):
    axis = np.array(axis)
    along = np.cross(axis, (0.3, 0.2, 0.1))
    along /= np.linalg.norm(along)
    limb = np.stack([np.zeros(3), 0.3 * along, 0.55 * along])
    middle, end = reached(limb, reach(limb, axis, 0.5 * along))
    np.testing.assert_allclose(end, 0.5 * along, atol=1e-9)
    bend = np.cross(middle, end - middle)
    np.testing.assert_allclose(bend / np.linalg.norm(bend), axis, atol=1e-9)


def test_random_limbs_reach_and_keep_their_lengths_and_turn_with_the_scene():
    random = np.random.default_rng(1)
    limb = random.normal(size=(200, 3, 3))
    axis = random.normal(size=(200, 3))
    axis /= np.linalg.norm(axis, axis=-1, keepdims=True)
    upper, lower = (np.linalg.norm(limb[:, k + 1] - limb[:, k], axis=-1) for k in (0, 1))
    way = random.normal(size=(200, 3))
    way /= np.linalg.norm(way, axis=-1, keepdims=True)
    distance = abs(upper - lower) + random.uniform(0.05, 0.95, 200) * (upper + lower - abs(upper - lower))
    target = limb[:, 0] + way * distance[:, None]
    turns = reach(limb, axis, target)
    middle, end = reached(limb, turns)
    np.testing.assert_allclose(end, target, atol=1e-7)
    scene = quaternions.normalized(random.normal(size=4))
    turned = reach(quaternions.rotate(scene, limb), quaternions.rotate(scene, axis), quaternions.rotate(scene, target))
    np.testing.assert_allclose(
        reached(quaternions.rotate(scene, limb), turned)[0], quaternions.rotate(scene, middle), atol=1e-6
    )


def test_a_knee_on_its_way_to_over_extended_does_not_turn_round():
    """Degrees of bend from a little over-extended to bent, all asked to come 1 cm nearer."""
    bends = np.radians(np.linspace(-1.6, 6.0, 60))
    knee = np.array([0.0, -0.4, 0.0])
    shin = 0.4 * np.stack([np.zeros(60), -np.cos(bends), -np.sin(bends)], axis=-1)
    limb = np.stack([np.zeros((60, 3)), np.tile(knee, (60, 1)), knee + shin], axis=1)
    way = limb[:, 2] / np.linalg.norm(limb[:, 2], axis=-1, keepdims=True)
    target = limb[:, 2] - 0.01 * way
    middle, end = reached(limb, reach(limb, np.tile((1.0, 0.0, 0.0), (60, 1)), target))
    np.testing.assert_allclose(end, target, atol=1e-9)
    assert (np.cross(middle, end - middle)[:, 0] > 0).all()
    assert np.linalg.norm(np.diff(middle, axis=0), axis=-1).max() < 0.003
