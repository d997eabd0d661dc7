import numpy as np
import pytest

from common.errors import InputError
from common.motion import quaternions
from common.motion.skeleton import forward_kinematics, rest_positions
from training.metrics.bones import bone_drift_mm, bone_lengths
from training.metrics.seam import seam_jump


def gliding(frames=40, step=0.02):
    positions = np.tile(rest_positions(), (frames, 1, 1))
    positions[..., 2] += (np.arange(frames) * step)[:, None]
    return positions


def test_a_steady_motion_has_no_seam():
    seam = seam_jump(gliding(), 20)
    assert (seam.position, seam.velocity) == (pytest.approx(1.0), pytest.approx(0.0, abs=1e-9))


def test_a_jump_of_position_is_seen_in_both():
    positions = gliding()
    positions[20:, :, 2] += 0.06
    seam = seam_jump(positions, 20)
    assert (seam.position, seam.velocity) == (pytest.approx(4.0), pytest.approx(3.0))
    assert seam_jump(positions, 10).position == pytest.approx(1.0)


def test_a_jump_of_velocity_leaves_the_position():
    positions = gliding()
    positions[20:] = positions[20]
    seam = seam_jump(positions, 20)
    assert (seam.position, seam.velocity) == (pytest.approx(1.0), pytest.approx(1.0))


def test_rest_is_no_seam():
    assert seam_jump(gliding(step=0.0), 5).position == 0.0


@pytest.mark.parametrize("frame", [0, 1, 39, 40])
def test_a_seam_needs_two_frames_on_either_side(frame):
    with pytest.raises(InputError, match="frame of the seam"):
        seam_jump(gliding(), frame)


def test_solved_motion_keeps_its_bones():
    rotations = quaternions.normalized(np.random.default_rng(0).standard_normal((12, 22, 4)))
    assert bone_drift_mm(forward_kinematics(rotations, np.zeros((12, 3)))) == pytest.approx(0.0, abs=1e-9)


def test_a_growing_figure_drifts_by_its_mean_deviation():
    positions = np.concatenate([gliding(10), 1.02 * gliding(10)])
    assert bone_drift_mm(positions) == pytest.approx(0.01 * bone_lengths(gliding(1)).mean() * 1000)


def test_lengths_are_those_of_the_skeleton():
    assert bone_lengths(gliding(3)).shape == (3, 21)
    assert bone_lengths(gliding(1))[0, 3] == pytest.approx(0.3919)
