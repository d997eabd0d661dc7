import numpy as np
import pytest

from common.motion.skeleton import rest_positions
from training.metrics import physics

FPS = 20.0


def standing(frames=60):
    return np.tile(rest_positions(), (frames, 1, 1))


def test_standing_still_is_all_zero():
    assert physics.metrics(standing(), FPS) == pytest.approx(
        {"slide_cm_s": 0, "skate_share": 0, "penetration_cm": 0, "jerk_m_s3": 0, "bone_drift_mm": 0, "speed_m_s": 0},
        abs=1e-9,
    )


def test_jerk_of_a_cubic_is_its_third_derivative():
    time = np.arange(40) / FPS
    positions = np.zeros((40, 22, 3))
    positions[..., 0] = (2.0 * time**3)[:, None]
    assert physics.jerk(positions, FPS) == pytest.approx(12.0)


def test_sinking_feet_are_measured_in_centimetres():
    positions = standing()
    positions[:30, :, 1] -= 0.04
    assert physics.penetration_cm(positions) == pytest.approx(2.0)


def test_a_gliding_figure_slides_and_skates():
    positions = standing()
    positions[..., 2] += (np.arange(60) * 0.004)[:, None]
    assert physics.metrics(positions, FPS)["slide_cm_s"] == pytest.approx(8.0, rel=0.05)
    assert physics.metrics(positions, FPS)["skate_share"] == 0.0
    positions[..., 2] += (np.arange(60) * 0.026)[:, None]
    assert physics.skate_share(positions, np.ones((60, 4))) == 1.0
    assert physics.metrics(positions, FPS)["speed_m_s"] == pytest.approx(0.60)
