"""Retargeting: a resized person moves like the original, stands on the ground, and broken clips are dropped with a reason."""

import numpy as np
import pytest

from common.motion import quaternions
from common.motion.skeleton import INDEX, JOINTS, PARENTS, REST_OFFSETS, forward_kinematics, rest_positions
from training.data.rest_pose import estimate_rest
from training.data.retarget import DroppedError, ground_shift, leg_ratio, resample, retarget, scaled_clip

BONES = np.linalg.norm(REST_OFFSETS[1:], axis=-1)


def swinging(frames=60, offsets=REST_OFFSETS, fps=30.0, swing=0.4, speed=0.8):
    """The knees swing while the figure glides forward at `speed` m/s, on any rest skeleton; trunk and feet stay level."""
    time = np.arange(frames) / fps
    rotations = quaternions.identity(frames, len(JOINTS))
    for side, sign in (("left", 1.0), ("right", -1.0)):
        bend = 0.5 + swing * np.sin(6 * time + sign)
        rotations[:, INDEX[f"{side}_shoulder"]] = quaternions.about((0, 0, 1), np.full(frames, -1.1 * sign))
        rotations[:, INDEX[f"{side}_hip"]] = quaternions.about((1, 0, 0), -bend)
        rotations[:, INDEX[f"{side}_knee"]] = quaternions.about((1, 0, 0), 2 * bend)
        rotations[:, INDEX[f"{side}_ankle"]] = quaternions.about((1, 0, 0), -bend)
    root = np.stack([0 * time, 1 + 0 * time, speed * time], axis=-1)
    positions = forward_kinematics(rotations, root, offsets)
    soles = positions[:, [INDEX["left_foot"], INDEX["right_foot"]], 1].min(axis=1)
    positions[..., 1] -= soles[:, None]
    return positions


def test_resampling_keeps_times_and_smooth_curves():
    time = np.arange(91) / 30
    curve = np.sin(3 * time)[:, None, None] * np.ones((1, 22, 3))
    result = resample(curve, 30.0)
    assert len(result) == 61
    np.testing.assert_allclose(result[:, 0, 0], np.sin(3 * np.arange(61) / 20), atol=1e-3)
    np.testing.assert_array_equal(resample(curve, 20.0), curve)
    assert len(resample(curve[:3], 30.0)) == 2


def test_the_same_person_comes_back():
    source = swinging(fps=20.0)
    result = retarget(scaled_clip(source, 20.0), REST_OFFSETS)
    assert result.error_m < 0.01
    np.testing.assert_allclose(result.ground_shift_m, 0.0, atol=0.01)
    lengths = np.linalg.norm(result.positions[:, 1:] - result.positions[:, PARENTS[1:]], axis=-1)
    np.testing.assert_allclose(lengths, np.broadcast_to(BONES, lengths.shape), atol=1e-9)


@pytest.mark.parametrize("size", [0.6, 1.7])
def test_a_resized_person_takes_resized_steps(size):
    source = swinging(fps=20.0)
    result = retarget(scaled_clip(source * size, 20.0), REST_OFFSETS)
    np.testing.assert_allclose(leg_ratio(source * size), 1 / size, rtol=1e-9)
    travel = result.positions[-1, 0, 2] - result.positions[0, 0, 2]
    np.testing.assert_allclose(travel, source[-1, 0, 2] - source[0, 0, 2], atol=0.02)


def test_a_foreign_skeleton_stands_like_the_canonical_one():
    """Hips, spine, head and toes placed elsewhere: with the estimated rest pose the head looks where it looked."""
    foreign = REST_OFFSETS.copy()
    foreign[[INDEX["left_hip"], INDEX["right_hip"]]] = [[0.1, 0.0, 0.03], [-0.1, 0.0, 0.03]]
    foreign[INDEX["head"]] = [0.0, 0.12, 0.0]
    foreign[[INDEX["left_foot"], INDEX["right_foot"]]] = [[0.0, -0.12, 0.1]] * 2
    standing = scaled_clip(swinging(offsets=foreign, swing=0.0, speed=0.0), 30.0)
    scaled = scaled_clip(swinging(offsets=foreign), 30.0)
    rest = estimate_rest([standing, scaled])
    np.testing.assert_allclose(rest, foreign, atol=5e-3)
    plain, known = (retarget(scaled, offsets).positions for offsets in (REST_OFFSETS, rest))

    def pitch_error_deg(positions, end, start):
        bone = (positions[:, INDEX[end]] - positions[:, INDEX[start]]).mean(axis=0)
        wanted = REST_OFFSETS[INDEX[end]]
        return np.degrees(np.arctan2(np.linalg.norm(np.cross(bone, wanted)), bone @ wanted))

    assert pitch_error_deg(plain, "head", "neck") > 10.0
    assert pitch_error_deg(known, "head", "neck") < 2.0
    assert pitch_error_deg(known, "left_foot", "left_ankle") < 5.0


def test_rest_pose_of_unseen_bones_is_canonical():
    lying = quaternions.rotate(quaternions.about((1, 0, 0), np.pi / 2), rest_positions())
    np.testing.assert_allclose(estimate_rest([np.repeat(lying[None], 30, axis=0)]), REST_OFFSETS, atol=1e-6)


@pytest.mark.parametrize("height", [-0.06, 0.05])
def test_standing_clips_are_put_on_the_ground(height):
    positions = swinging() + np.array([0.0, height, 0.0])
    np.testing.assert_allclose(ground_shift(positions), -height, atol=0.005)


def test_jumps_and_climbs_are_not_pushed_into_the_floor():
    jump = swinging()
    jump[20:40, :, 1] += 0.5 * np.sin(np.linspace(0, np.pi, 20))[:, None]
    assert abs(ground_shift(jump)) < 0.01
    assert ground_shift(swinging() + np.array([0.0, 1.2, 0.0])) == 0.0


def test_lying_frames_do_not_lift_those_who_get_up():
    standing = swinging()
    lying = quaternions.rotate(quaternions.about((1, 0, 0), np.pi / 2), standing - standing[:, :1])
    getting_up = np.concatenate([lying + np.array([0.0, -0.1, 0.0]), standing])
    assert abs(ground_shift(getting_up)) < 0.01


def test_who_only_lies_is_put_on_the_ground_by_the_lowest_joint():
    lying = quaternions.rotate(quaternions.about((1, 0, 0), np.pi / 2), swinging() - swinging()[:, :1])
    on_ground = lying - np.array([0.0, np.percentile(lying[..., 1].min(axis=1), 5), 0.0])
    assert 0.03 < ground_shift(on_ground) < 0.1


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda p: p[:10], "fewer than 16 frames"),
        (lambda p: np.where(np.arange(len(p))[:, None, None] == 7, np.nan, p), "not finite"),
        (lambda p: p + np.arange(len(p))[:, None, None] * np.array([1.0, 0, 0]), "root moves at"),
        (lambda p: p + np.eye(22)[INDEX["head"]][:, None] * 2.0, "from the pelvis"),
        (lambda p: p * 0.0, "legs without length"),
    ],
)
def test_broken_clips_are_dropped_with_the_reason(spoil, reason):
    scaled_clip(swinging(), 30.0)
    with pytest.raises(DroppedError, match=reason):
        scaled_clip(spoil(swinging()), 30.0)
