import dataclasses

import numpy as np
import pytest

from common.errors import InputError
from common.motion import quaternions
from common.motion.motion import Motion
from common.motion.skeleton import INDEX, PARENTS, forward_kinematics


def made(frames=40, fps=20.0):
    time = np.arange(frames) / fps
    rotations = quaternions.identity(frames, 22)
    rotations[:, 0] = quaternions.about((0.0, 1.0, 0.0), 0.7 * time)
    rotations[:, INDEX["left_knee"]] = quaternions.about((1.0, 0.0, 0.0), 0.5 + 0.5 * np.sin(3 * time))
    root = np.stack([np.sin(2 * time), 0.9 + 0.02 * np.cos(9 * time), 1.3 * time], axis=1)
    return Motion(
        rotations=rotations.astype(np.float32),
        root=root.astype(np.float32),
        contacts=np.zeros((frames, 4), np.float32),
        fps=fps,
    )


@pytest.mark.parametrize("fps", [24000 / 1001, 24.0, 25.0, 30.0, 60.0, 120.0])
def test_another_rate_keeps_seconds_bones_and_poses_at_common_times(fps):
    motion = made()
    other = motion.resampled(fps).check()
    assert other.seconds == pytest.approx(motion.seconds, abs=0.5 / fps)
    bones = np.linalg.norm(other.positions[:, 1:] - other.positions[:, PARENTS[1:]], axis=-1)
    assert np.ptp(bones, axis=0).max() < 1e-5
    times = np.minimum(np.arange(other.frames) / fps, 39 / 20)
    exact = np.stack([np.sin(2 * times), 0.9 + 0.02 * np.cos(9 * times), 1.3 * times], axis=1)
    np.testing.assert_allclose(other.root, exact, atol=2e-3)


def test_the_same_rate_is_the_same_clip():
    motion = made()
    np.testing.assert_allclose(motion.resampled(20.0).positions, motion.positions, atol=1e-6)


def test_the_root_moves_without_jerks_between_the_original_frames():
    speed = np.linalg.norm(np.diff(made().resampled(120.0).root[12:-12], axis=0), axis=1)
    assert np.abs(np.diff(speed)).max() < 0.03 * speed.mean()


def test_a_single_frame_survives():
    assert made(frames=1).resampled(30.0).frames == 2


def test_positions_follow_from_rotations_and_root_and_are_worked_out_once():
    motion = made()
    np.testing.assert_allclose(motion.positions, forward_kinematics(motion.rotations, motion.root), atol=1e-6)
    assert motion.positions.dtype == np.float32 and motion.positions is motion.positions
    moved = dataclasses.replace(motion, root=motion.root + 1.0)
    np.testing.assert_allclose(moved.positions, motion.positions + 1.0, atol=1e-5)
    with pytest.raises(TypeError, match="positions"):
        dataclasses.replace(motion, positions=motion.positions)


def test_a_cut_is_those_frames_where_they_stand():
    motion = made()
    for name in ("rotations", "root", "contacts", "positions"):
        np.testing.assert_array_equal(getattr(motion.cut(3, 9), name), getattr(motion, name)[3:9])


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"fps": float("nan")}, "fps is nan, expected a number from 1 to 1000."),
        ({"root": np.zeros((3, 3), np.float32)}, r"rotations.shape is \(40, 22, 4\), expected \(3, 22, 4\)."),
        ({"contacts": np.full((40, 4), np.inf, np.float32)}, "contacts is 'not finite', expected finite numbers only."),
        ({"contacts": np.full((40, 4), -5, np.float32)}, r"contacts is \[-5.0, -5.0\], expected numbers from 0 to 1."),
        ({"rotations": np.zeros((40, 22, 4), np.float32)}, "rotations is 'not of unit length'"),
        ({"root": np.zeros((0, 3), np.float32)}, "frames is 0, expected 1 to 100000."),
    ],
)
def test_unsound_clips_are_one_sentence(change, sentence):
    with pytest.raises(InputError, match=sentence):
        dataclasses.replace(made(), **change).check()
