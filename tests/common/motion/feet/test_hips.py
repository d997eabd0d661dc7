"""Hips go as far as legs need, smoothly, and no further."""

import numpy as np
import pytest

from common.motion.feet.envelope import envelope
from common.motion.feet.hips import lowering, raising

UP = np.array([0.0, 1.0, 0.0])


def legs(frames=40, knee=0.05):
    """[frame, 2, 3, 3]: legs of .4 and .4 m and a little over."""
    leg = np.array([[0.0, 0.8, 0.0], [0.0, 0.4, knee], [0.0, 0.0, 0.0]])
    return np.tile(leg, (frames, 2, 1, 1))


def test_an_envelope_is_nowhere_below_and_smooth():
    needed = np.zeros(60)
    needed[30] = 1.0
    found = envelope(needed, 5)
    assert (found >= needed).all()
    assert found[30] == pytest.approx(1.0)
    assert np.abs(np.diff(found)).max() < 0.1
    assert not found[:20].any()
    np.testing.assert_allclose(envelope(np.full(7, 0.3), 5), 0.3)


def test_hips_stay_where_legs_reach():
    still = legs()
    targets = still[:, :, 2].copy()
    assert not lowering(still, targets).any()
    assert not raising(still, targets).any()


@pytest.mark.parametrize("straight", [0.995, 0.97])
def test_hips_go_down_until_the_farther_ankle_is_in_reach(straight):
    still = legs()
    targets = still[:, :, 2].copy()
    targets[20, 1, 2] += 0.4
    drop = lowering(still, targets, 4, straight)
    assert (drop[:, [0, 2]] == 0).all()
    distance = np.linalg.norm(still[20, 1, 0] - drop[20] - targets[20, 1])
    length = 2 * np.hypot(0.4, 0.05)
    assert distance == pytest.approx(max(straight * length, 0.8), abs=1e-9)
    assert not drop[:12].any()
    assert np.abs(np.diff(drop[:, 1])).max() < drop.max() / 4


def test_hips_go_up_with_a_foot_that_the_ground_lifts_under_a_folded_leg():
    folded = legs()
    folded[:, :, 0, 1] = 0.25
    targets = folded[:, :, 2] + 0.1 * UP
    rise = raising(folded, targets)
    length = np.linalg.norm(np.diff(folded[0, 0], axis=0), axis=-1).sum()
    np.testing.assert_allclose(rise, np.tile((0.35 * length - 0.15) * UP, (40, 1)), atol=1e-9)
    targets = folded[:, :, 2] + 0.02 * UP
    assert not raising(folded, targets).any()


def test_hips_stay_when_a_foot_is_lifted_above_them():
    """Upside down in a cartwheel a leg that comes nearer to the hips asks for nothing."""
    over = legs() * (1, -1, 1)
    assert not raising(over, over[:, :, 2] - 0.5 * UP).any()
