"""Laws of the 67 and the 263 features, on motions made by script."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.motion.classic import classic
from backend.motion.features import (
    GROUPS,
    HEIGHT,
    VELOCITY,
    YAW,
    features_to_joints,
    heading,
    joints_to_features,
    mirror,
    yaw_of,
)
from common.motion import quaternions
from common.motion.skeleton import INDEX, MIRROR, forward_kinematics, rest_positions

FLIP_X = np.array([-1.0, 1.0, 1.0])


@pytest.fixture(params=["walk", "turned walk", "cartwheel"])
def joints(request, walk, cartwheel):
    rotations, root = {
        "walk": lambda: walk()[:2],
        "turned walk": lambda: walk(heading_rad=2.5)[:2],
        "cartwheel": cartwheel,
    }[request.param]()
    return forward_kinematics(rotations, root + np.array([3.0, 0.0, -2.0]))


def across(joints):
    pairs = (("left_hip", "right_hip"), ("left_shoulder", "right_shoulder"))
    return sum(joints[..., INDEX[left], :] - joints[..., INDEX[right], :] for left, right in pairs)


def test_groups_cover_every_dim_once():
    assert [i for group in GROUPS for i in range(67)[group]] == list(range(67))


def test_features_to_joints_to_features_is_the_identity(joints):
    features = joints_to_features(joints)
    assert features.shape == (len(joints), 67)
    assert features.dtype == np.float32
    np.testing.assert_allclose(joints_to_features(features_to_joints(features)), features, atol=2e-6)


def test_joints_come_back_facing_z_at_the_origin(joints):
    back = features_to_joints(joints_to_features(joints))
    np.testing.assert_allclose(back[0, 0, [0, 2]], 0.0, atol=1e-7)
    left = across(back[0])
    assert left[0] > 0
    assert abs(left[2]) < 1e-6
    yaw = heading(joints)[0]
    turned = quaternions.rotate(quaternions.about((0, 1, 0), -yaw), joints - joints[0, 0] * (1, 0, 1))
    np.testing.assert_allclose(back, turned, atol=2e-5)


@settings(max_examples=10, deadline=None)
@given(yaw=st.floats(-np.pi, np.pi), x=st.floats(-5, 5), z=st.floats(-5, 5))
def test_turning_and_moving_the_scene_changes_nothing(yaw, x, z):
    time = np.linspace(0, 1, 24)
    rotations = quaternions.identity(24, 22)
    rotations[:, 0] = quaternions.about((0, 1, 0), time)
    rotations[:, INDEX["left_knee"]] = quaternions.about((1, 0, 0), time)
    joints = forward_kinematics(rotations, np.stack([time, 0 * time + 0.9, time**2], axis=-1))
    moved = quaternions.rotate(quaternions.about((0, 1, 0), yaw), joints) + np.array([x, 0, z])
    np.testing.assert_allclose(joints_to_features(moved), joints_to_features(joints), atol=1e-5)


def test_the_meaning_of_the_root_dims():
    """A stiff figure that walks forward 3 cm a frame while it turns left, towards +X, by .02 rad a frame."""
    frames, turn, speed = 300, 0.02, 0.03
    yaw = turn * np.arange(frames)
    step = speed * np.stack([np.sin(yaw), 0 * yaw, np.cos(yaw)], axis=-1)[1:]
    root = np.concatenate([[[0.0, 1.0, 0.0]], np.cumsum(step, axis=0) + np.array([0.0, 1.0, 0.0])])
    facing = quaternions.about((0, 1, 0), yaw)
    rest = rest_positions() - rest_positions()[0]
    features = joints_to_features(quaternions.rotate(facing[:, None], rest) + root[:, None])
    middle = features[100:200]
    np.testing.assert_allclose(middle[:, YAW], -turn / 2, atol=1e-5)
    np.testing.assert_allclose(middle[:, VELOCITY], [[0.0, speed]] * 100, atol=1e-5)
    np.testing.assert_allclose(middle[:, HEIGHT], 1.0, atol=1e-6)
    np.testing.assert_array_equal(features[-1, :3], features[-2, :3])
    np.testing.assert_allclose(np.diff(yaw_of(features))[100:200], turn, atol=1e-5)


def test_mirror_is_the_mirrored_scene(joints):
    features = joints_to_features(joints)
    seen = joints[:, list(MIRROR)] * FLIP_X
    np.testing.assert_allclose(mirror(features), joints_to_features(seen), atol=2e-6)
    np.testing.assert_array_equal(mirror(mirror(features)), features)
    assert np.abs(mirror(features) - features).max() > 0.01


def test_batches_are_independent(joints):
    features = joints_to_features(joints)
    batch = np.stack([features, mirror(features)])
    np.testing.assert_array_equal(features_to_joints(batch)[1], features_to_joints(mirror(features)))
    np.testing.assert_array_equal(mirror(batch)[0], mirror(features))


def test_classic_begins_with_the_essential_features_and_its_velocities_follow(joints):
    features = joints_to_features(joints)
    full = classic(features)
    assert full.shape == (len(joints), 263)
    np.testing.assert_array_equal(full[:, :67], features)
    root_velocity = full[:-1, 193:196]
    turn_back = quaternions.about((0, 1, 0), -np.diff(yaw_of(features)))
    np.testing.assert_allclose(
        quaternions.rotate(turn_back, root_velocity)[:, [0, 2]], features[:-1, VELOCITY], atol=1e-5
    )
    np.testing.assert_array_equal(full[-1, 193:], full[-2, 193:])


def test_classic_rotations_rebuild_bone_directions(joints):
    """Down a leg chain the published rotations turn the idealised bones onto the real ones."""
    features = joints_to_features(joints)
    columns = classic(features)[:, 67:193].reshape(len(joints), 21, 2, 3).astype(float)
    np.testing.assert_allclose(np.linalg.norm(columns, axis=-1), 1.0, atol=1e-5)
    np.testing.assert_allclose(np.sum(columns[:, :, 0] * columns[:, :, 1], axis=-1), 0.0, atol=1e-5)
    matrices = np.concatenate([columns, np.cross(columns[:, :, :1], columns[:, :, 1:])], axis=2).swapaxes(-1, -2)
    world = quaternions.to_matrix(quaternions.about((0, 1, 0), -yaw_of(features)))
    positions = features_to_joints(features)
    chain = ("pelvis", "left_hip", "left_knee", "left_ankle", "left_foot")
    for (start, end), rest in zip(
        itertools.pairwise(chain), [(1, 0, 0), (0, -1, 0), (0, -1, 0), (0, 0, 1)], strict=True
    ):
        world = world @ matrices[:, INDEX[end] - 1]
        bone = positions[:, INDEX[end]] - positions[:, INDEX[start]]
        np.testing.assert_allclose(
            world @ np.array(rest, float), bone / np.linalg.norm(bone, axis=-1, keepdims=True), atol=1e-4
        )


def test_classic_contacts_tell_planted_from_swinging(walk):
    rotations, root, _ = walk()
    contacts = classic(joints_to_features(forward_kinematics(rotations, root)))[:, 259:]
    assert set(np.unique(contacts)) == {0.0, 1.0}
    assert 0.4 < contacts[:, [0, 2]].mean() < 1.0
