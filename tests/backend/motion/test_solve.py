"""Laws of the solver: exact on its own skeleton, blind to the scene's orientation, symmetric, free of flips."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.motion.solve import solve
from common.errors import InputError
from common.motion import quaternions
from common.motion.skeleton import INDEX, JOINTS, MIRROR, REST_OFFSETS, forward_kinematics, rest_positions

X, Y, Z = np.eye(3)
SHIFT = np.array([3.0, -1.0, 2.0])
SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(max_examples=10, deadline=None)


def plausible(generator, frames):
    """Independent random poses: every joint within an ordinary person's range, hinges on their own axis only."""

    def turn(range_rad):
        axis = generator.normal(size=(frames, 3))
        axis /= np.linalg.norm(axis, axis=-1, keepdims=True)
        return quaternions.about(axis, generator.uniform(0, range_rad, frames))

    rotations = quaternions.identity(frames, len(JOINTS))
    rotations[:, 0] = turn(np.pi)
    for joint in ("spine1", "spine2", "spine3", "neck", "left_collar", "right_collar", "left_ankle", "right_ankle"):
        rotations[:, INDEX[joint]] = turn(0.3)
    for joint in ("left_hip", "right_hip", "left_shoulder", "right_shoulder"):
        rotations[:, INDEX[joint]] = turn(0.8)
    for joint, axis in (("left_knee", X), ("right_knee", X), ("left_elbow", -Y), ("right_elbow", Y)):
        rotations[:, INDEX[joint]] = quaternions.about(axis, generator.uniform(0.0, 2.2, frames))
    return rotations, generator.normal(size=(frames, 3))


def steps(rotations):
    """[frame - 1, joint] radians between neighbouring frames."""
    return quaternions.angle_between(rotations[1:], rotations[:-1])


@FEW
@given(SEEDS)
def test_forward_kinematics_of_the_solution_is_the_input(seed):
    positions = forward_kinematics(*plausible(np.random.default_rng(seed), 30))
    assert np.abs(forward_kinematics(*solve(positions)) - positions).max() < 1e-3


@FEW
@given(SEEDS)
def test_turning_the_scene_leaves_joint_local_rotations(seed):
    generator = np.random.default_rng(seed)
    positions = forward_kinematics(*plausible(generator, 20))
    turn = quaternions.normalized(generator.normal(size=4))
    rotations, root = solve(positions)
    turned_rotations, turned_root = solve(quaternions.rotate(turn, positions) + SHIFT)
    assert quaternions.angle_between(rotations[:, 1:], turned_rotations[:, 1:]).max() < 1e-4
    expected = quaternions.multiply(turn, rotations[:, 0])
    assert quaternions.angle_between(expected, turned_rotations[:, 0]).max() < 1e-4
    np.testing.assert_allclose(turned_root, quaternions.rotate(turn, root) + SHIFT, atol=1e-9)


@FEW
@given(SEEDS)
def test_the_mirror_image_has_the_mirrored_rotations(seed):
    positions = forward_kinematics(*plausible(np.random.default_rng(seed), 20))
    rotations, root = solve(positions)
    mirrored, mirrored_root = solve(positions[:, MIRROR] * (-1, 1, 1))
    assert quaternions.angle_between(mirrored, rotations[:, MIRROR] * (1, 1, -1, -1)).max() < 1e-6
    np.testing.assert_allclose(mirrored_root, root * (-1, 1, 1), atol=1e-9)


@FEW
@given(SEEDS)
def test_bone_lengths_do_not_depend_on_the_input(seed):
    generator = np.random.default_rng(seed)
    positions = forward_kinematics(*plausible(generator, 20)) + generator.normal(size=(20, len(JOINTS), 3)) * 0.05
    solved = forward_kinematics(*solve(positions))
    lengths = np.linalg.norm(solved[:, 4] - solved[:, 1], axis=-1)
    assert np.ptp(lengths) < 1e-6
    assert lengths[0] == pytest.approx(np.linalg.norm(REST_OFFSETS[4]))


def test_the_rest_pose_gives_the_identity():
    rotations, root = solve(rest_positions()[None])
    assert quaternions.angle_between(rotations, quaternions.identity(1, len(JOINTS))).max() < 1e-6
    np.testing.assert_allclose(root[0], rest_positions()[0], atol=1e-9)


def test_another_rest_pose_gives_the_identity_when_it_is_told():
    offsets = REST_OFFSETS * 1.3
    offsets[INDEX["spine1"]] = (0.0, 0.2, 0.05)
    offsets[INDEX["head"]] = (0.0, 0.15, 0.0)
    offsets[[INDEX["left_foot"], INDEX["right_foot"]]] = [(0.03, -0.1, 0.1), (-0.03, -0.1, 0.1)]
    identity = quaternions.identity(1, len(JOINTS))
    rest = forward_kinematics(identity, np.zeros((1, 3)), offsets)
    assert quaternions.angle_between(solve(rest, offsets)[0], identity).max() < 1e-6
    assert quaternions.angle_between(solve(rest)[0], identity).max() > 0.1


def test_the_hips_stay_when_the_source_keeps_its_pelvis_elsewhere():
    positions = np.repeat(rest_positions()[None] * 1.4, 3, axis=0)
    positions[:, 0] += (0.0, -0.1, 0.05)
    solved = forward_kinematics(*solve(positions))
    np.testing.assert_allclose(solved[:, 1:3].mean(axis=1), positions[:, 1:3].mean(axis=1), atol=1e-9)


@pytest.mark.parametrize("heading_rad", [0.0, np.pi / 2, np.pi])
def test_a_walk_in_any_direction_comes_back_with_its_hinges(walk, heading_rad):
    made, root, _ = walk(heading_rad=heading_rad)
    positions = forward_kinematics(made, root)
    rotations, solved_root = solve(positions)
    assert np.abs(forward_kinematics(rotations, solved_root) - positions).max() < 1e-6
    assert np.degrees(quaternions.angle_between(rotations, made)).max() < 3.0


def test_a_cartwheel_comes_back_through_straight_limbs(cartwheel):
    made, root = cartwheel()
    positions = forward_kinematics(made, root)
    rotations, solved_root = solve(positions)
    assert np.abs(forward_kinematics(rotations, solved_root) - positions).max() < 1e-6
    assert np.degrees(quaternions.angle_between(rotations, made)).max() < 15.0
    assert steps(rotations).max() < steps(made).max() + np.radians(5.0)


def test_neighbouring_quaternions_have_one_sign(cartwheel):
    rotations, _ = solve(forward_kinematics(*cartwheel()))
    assert (np.sum(rotations[1:] * rotations[:-1], axis=-1) > 0).all()
    np.testing.assert_allclose(np.linalg.norm(rotations, axis=-1), 1.0, atol=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_noise_of_a_centimetre_flips_no_limb(walk, seed):
    positions = forward_kinematics(*walk(frames=120)[:2])
    noisy = positions + np.random.default_rng(seed).normal(size=positions.shape) * 0.01
    limbs = [INDEX[f"{side}_{joint}"] for side in ("left", "right") for joint in ("hip", "knee", "shoulder", "elbow")]
    assert np.degrees(steps(solve(noisy)[0])[:, limbs]).max() < 70.0


def test_an_elbow_bent_the_wrong_way_for_a_moment_turns_no_arm(walk):
    made, root, _ = walk(frames=60)
    wrong = made.copy()
    wrong[25:32, INDEX["left_elbow"]] = quaternions.about(Y, np.full(7, 0.2))
    rotations, _ = solve(forward_kinematics(wrong, root))
    shoulder = INDEX["left_shoulder"]
    assert np.degrees(quaternions.angle_between(rotations[:, shoulder], made[:, shoulder])).max() < 30.0


def test_a_straight_leg_follows_its_foot():
    rotations = quaternions.identity(5, len(JOINTS))
    rotations[:, INDEX["left_hip"]] = quaternions.about(Y, np.full(5, 0.5))
    solved, _ = solve(forward_kinematics(rotations, np.zeros((5, 3))))
    assert np.degrees(quaternions.angle_between(solved, rotations)).max() < 3.0


@pytest.mark.parametrize("bad", [np.zeros((3, 21, 3)), np.zeros((0, 22, 3)), np.full((2, 22, 3), np.nan), np.zeros(5)])
def test_bad_positions_are_refused(bad):
    with pytest.raises(InputError, match="positions"):
        solve(bad)


def test_a_collapsed_body_still_gives_unit_quaternions():
    rotations, root = solve(np.zeros((4, len(JOINTS), 3)))
    np.testing.assert_allclose(np.linalg.norm(rotations, axis=-1), 1.0, atol=1e-9)
    assert np.isfinite(root).all()
