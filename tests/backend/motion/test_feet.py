"""Contacts, the floor, and feet that stand still, on motions made by script with slide put in."""

import numpy as np
import pytest

from backend.motion.feet import detect_contacts, ground, plant_feet, slide_cm_per_s
from common.motion import quaternions
from common.motion.feet.contacts import runs
from common.motion.skeleton import CONTACT_JOINTS, INDEX, REST_OFFSETS, forward_kinematics, rest_positions

FPS = 20.0
ANKLES = [INDEX["left_ankle"], INDEX["right_ankle"]]
TOES = [INDEX["left_foot"], INDEX["right_foot"]]
LEGS = [INDEX[f"{side}_{joint}"] for side in ("left", "right") for joint in ("knee", "ankle", "foot")]


def jerk(positions):
    """99th percentile of the legs' third difference, m/s^3."""
    return np.percentile(np.linalg.norm(np.diff(positions[:, LEGS], 3, axis=0), axis=-1), 99) * FPS**3


def sliding(root, speed, direction=(1.0, 0.0, 0.5)):
    """`root` with a drift of `speed` m/s whose sign changes every second."""
    time = np.arange(len(root)) / FPS
    drift = speed / np.pi * np.sin(np.pi * time)
    return root + drift[:, None] * np.array(direction) / np.linalg.norm(direction)


def standing_clip(frames=40):
    rotations = quaternions.identity(frames, 22)
    rotations[:, [1, 2]] = quaternions.about((1.0, 0.0, 0.0), np.full((frames, 2), -0.3))
    rotations[:, [4, 5]] = quaternions.about((1.0, 0.0, 0.0), np.full((frames, 2), 0.6))
    rotations[:, [7, 8]] = quaternions.about((1.0, 0.0, 0.0), np.full((frames, 2), -0.3))
    root = np.zeros((frames, 3))
    root[:, 1] -= forward_kinematics(rotations, root)[..., 1].min()
    return rotations, root


@pytest.mark.parametrize("height", [-0.7, 0.0, 1.3])
def test_the_floor_is_found_at_any_height(walk, height):
    positions = forward_kinematics(*walk()[:2]) + np.array([0.0, height, 0.0])
    noisy = positions + np.random.default_rng(0).normal(size=positions.shape) * 0.003
    assert ground(positions) == pytest.approx(height, abs=0.002)
    assert ground(noisy) == pytest.approx(height, abs=0.01)


def test_one_bad_frame_does_not_move_the_floor():
    positions = forward_kinematics(*standing_clip())
    positions[7] -= (0.0, 0.5, 0.0)
    assert ground(positions) == pytest.approx(0.0, abs=0.01)


def test_a_handstand_stands_on_its_hands():
    positions = np.repeat(rest_positions()[None], 20, axis=0) * (1, -1, 1)
    assert ground(positions) == pytest.approx(positions[0, :, 1].min() + 0.05, abs=0.01)
    assert not detect_contacts(positions, FPS).any()


def test_the_standing_foot_of_a_walk_is_in_contact_and_the_swinging_one_is_not(walk):
    rotations, root, side = walk()
    contacts = detect_contacts(forward_kinematics(rotations, root), FPS)
    assert contacts.shape == (80, 4)
    assert contacts.dtype == np.float32
    frames = np.arange(80)
    middle = (frames % 11 > 2) & (frames % 11 < 8)
    assert contacts[frames[middle], 2 * side[middle]].mean() > 0.95
    assert contacts[frames[middle], 2 * (1 - side[middle])].mean() < 0.05


def test_no_contact_in_a_jump():
    rotations, root = standing_clip(60)
    time = np.clip((np.arange(60) - 20) / 12, 0.0, 1.0)
    root[:, 1] += 4 * 0.4 * time * (1 - time)
    contacts = detect_contacts(forward_kinematics(rotations, root), FPS)
    assert contacts[:18].all()
    assert contacts[36:].all()
    assert not contacts[23:30].any()


def test_contacts_do_not_flicker():
    rotations, root = standing_clip(100)
    positions = forward_kinematics(rotations, root)
    positions += np.random.default_rng(3).normal(size=positions.shape) * 0.006
    contacts = detect_contacts(positions, FPS)
    assert contacts.mean() > 0.95
    for column in contacts.T:
        assert all(end - start >= 2 for start, end in runs(column > 0.5))


@pytest.mark.parametrize("frames", [1, 2, 5])
def test_short_clips_pass(frames):
    rotations, root = standing_clip(frames)
    contacts = detect_contacts(forward_kinematics(rotations, root), FPS)
    planted, new_root = plant_feet(rotations, root, contacts)
    assert planted.shape == (frames, 22, 4)
    np.testing.assert_allclose(new_root, root, atol=1e-6)


@pytest.mark.parametrize("speed", [0.1, 0.3])
def test_slide_put_into_a_walk_is_taken_out_without_pops(walk, speed):
    rotations, root, _ = walk()
    root = sliding(root, speed)
    before = forward_kinematics(rotations, root)
    contacts = detect_contacts(before, FPS)
    planted, new_root = plant_feet(rotations, root, contacts)
    after = forward_kinematics(planted, new_root)
    was, now = slide_cm_per_s(before, contacts, FPS), slide_cm_per_s(after, contacts, FPS)
    assert was > 40 * speed
    assert now < 0.25 * was
    assert jerk(after) < 1.3 * jerk(before)
    assert np.linalg.norm(after - before, axis=-1).mean() < 0.05


def test_a_long_slide_moves_the_body_not_the_legs():
    rotations, root = standing_clip(100)
    root = root + np.arange(100)[:, None] * (0.02, 0.0, 0.0)
    contacts = np.ones((100, 4), np.float32)
    planted, new_root = plant_feet(rotations, root, contacts)
    after = forward_kinematics(planted, new_root)
    assert slide_cm_per_s(after, contacts, FPS) < 1.0
    assert np.abs(after[:, 0, (0, 2)] - after[:, ANKLES].mean(axis=1)[:, (0, 2)]).max() < 0.12
    assert new_root[:, 1].min() > root[:, 1].min() - 0.02


def test_a_clip_that_does_not_slide_is_left_alone(walk):
    rotations, root, side = walk()
    before = forward_kinematics(rotations, root)
    planted, new_root = plant_feet(rotations, root, detect_contacts(before, FPS))
    after = forward_kinematics(planted, new_root)
    change = np.linalg.norm(after - before, axis=-1)
    frames = np.arange(80)
    middle = (frames % 11 > 1) & (frames % 11 < 9)
    assert change[frames[middle], np.array(ANKLES)[side[middle]]].max() < 0.002
    assert change.mean() < 0.002
    again, again_root = plant_feet(planted, new_root, detect_contacts(after, FPS))
    assert np.linalg.norm(forward_kinematics(again, again_root) - after, axis=-1).max() < 0.002


def test_feet_keep_their_orientation_and_bones_their_length(walk):
    rotations, root, _ = walk()
    root = sliding(root, 0.3)
    before = forward_kinematics(rotations, root)
    planted, new_root = plant_feet(rotations, root, detect_contacts(before, FPS))
    after = forward_kinematics(planted, new_root)
    np.testing.assert_allclose(after[:, TOES] - after[:, ANKLES], before[:, TOES] - before[:, ANKLES], atol=1e-9)
    lengths = np.linalg.norm(after[:, ANKLES] - after[:, [4, 5]], axis=-1)
    np.testing.assert_allclose(lengths, np.linalg.norm(REST_OFFSETS[7]), atol=1e-9)
    assert (np.sum(planted[1:] * planted[:-1], axis=-1) > 0).all()


def test_feet_below_the_floor_come_up_to_it():
    rotations, root = standing_clip(60)
    root[25:35, 1] -= 0.08 * np.hanning(10)
    before = forward_kinematics(rotations, root)
    floor = ground(before)
    after = forward_kinematics(*plant_feet(rotations, root, np.ones((60, 4))))
    assert before[:, TOES, 1].min() < floor - 0.06
    assert after[:, TOES, 1].min() > floor - 1e-6


def test_the_pelvis_goes_down_rather_than_the_leg_getting_longer():
    rotations = quaternions.identity(40, 22)
    root = np.repeat(rest_positions()[None, 0], 40, axis=0)
    root[10:30, 0] += 0.3 * np.hanning(20)
    contacts = np.zeros((40, 4))
    contacts[:, :2] = 1.0
    planted, new_root = plant_feet(rotations, root, contacts)
    after = forward_kinematics(planted, new_root)
    assert slide_cm_per_s(after, contacts, FPS) < 0.1
    assert 0.01 < root[0, 1] - new_root[:, 1].min() < 0.15


def test_slide_is_the_speed_put_in():
    positions = np.repeat(rest_positions()[None], 30, axis=0)
    positions[..., 0] += 0.01 * np.arange(30)[:, None]
    contacts = np.zeros((30, 4))
    assert slide_cm_per_s(positions, contacts, FPS) == 0.0
    contacts[5:20, 1] = 1.0
    assert slide_cm_per_s(positions, contacts, FPS) == pytest.approx(20.0)
    assert len(CONTACT_JOINTS) == 4
