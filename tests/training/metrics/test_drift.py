import numpy as np
import pytest

from common import FPS
from common.errors import InputError
from common.motion import quaternions
from common.motion.skeleton import HIP_HEIGHT, forward_kinematics
from training.metrics.drift import drift


def walking(height_end=0.0, turn_rate_end=0.0, speed_end=1.0, seconds=12):
    """A stiff figure that glides; what it does in the second half may differ from 1 m/s straight on."""
    late = np.arange(seconds * FPS) >= seconds * FPS / 2
    yaw = np.cumsum(np.where(late, turn_rate_end, 0.0)) / FPS
    rotations = quaternions.identity(len(late), 22)
    rotations[:, 0] = quaternions.about((0.0, 1.0, 0.0), yaw)
    ahead = np.cumsum(np.where(late, speed_end, 1.0)) / FPS
    root = np.stack([0 * ahead, HIP_HEIGHT + late * height_end, ahead], axis=1)
    return forward_kinematics(rotations, root)


def test_a_steady_clip_does_not_drift():
    assert all(abs(value) < 1e-6 for value in drift(walking(), FPS).values())


@pytest.mark.parametrize(
    ("name", "changes", "wanted"),
    [
        ("height_m", {"height_end": -0.1}, -0.1),
        ("turn_deg_s", {"turn_rate_end": 0.5}, np.degrees(0.5)),
        ("speed_m_s", {"speed_end": 1.5}, 0.5),
    ],
)
def test_what_the_end_has_more_is_told(name, changes, wanted):
    assert drift(walking(**changes), FPS)[name] == pytest.approx(wanted, rel=0.1)


def test_a_clip_too_short_to_compare_is_refused():
    with pytest.raises(InputError, match="frames of the clip is 100, expected 200 or more"):
        drift(walking(seconds=5), FPS)
