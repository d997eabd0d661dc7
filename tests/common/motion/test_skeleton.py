"""The canonical skeleton: its tables agree with each other, and forward kinematics with rotation matrices."""

import numpy as np
import pytest

from common.motion import quaternions
from common.motion.skeleton import (
    CONTACT_JOINTS,
    HIP_HEIGHT,
    INDEX,
    JOINTS,
    MIRROR,
    PARENTS,
    REST_OFFSETS,
    forward_kinematics,
    mirror_name,
    poses,
    rest_positions,
)

FRAMES = 6


@pytest.fixture
def clip():
    generator = np.random.default_rng(0)
    rotations = quaternions.normalized(generator.normal(size=(FRAMES, len(JOINTS), 4)))
    return rotations, generator.normal(size=(FRAMES, 3))


def test_parents_come_before_their_children():
    assert len(PARENTS) == len(JOINTS) == len(set(JOINTS)) == 22
    assert PARENTS[0] == -1
    assert all(0 <= parent < joint for joint, parent in enumerate(PARENTS) if joint)


def test_mirror_is_its_own_inverse_and_keeps_the_tree():
    assert [MIRROR[MIRROR[joint]] for joint in range(22)] == list(range(22))
    assert all(MIRROR[PARENTS[joint]] == PARENTS[MIRROR[joint]] for joint in range(1, 22))
    assert mirror_name("left_knee") == "right_knee"
    assert mirror_name("spine2") == "spine2"


def test_contact_joints_are_ankles_and_toes_left_first():
    assert [JOINTS[joint] for joint in CONTACT_JOINTS] == ["left_ankle", "left_foot", "right_ankle", "right_foot"]


def test_the_rest_pose_is_symmetric_upright_and_stands_on_the_floor():
    rest = rest_positions()
    np.testing.assert_allclose(rest[list(MIRROR)] * (-1, 1, 1), rest, atol=1e-12)
    assert rest[:, 1].min() == 0.0
    assert rest[INDEX["left_hip"], 0] > 0
    assert rest[INDEX["left_foot"], 2] > rest[INDEX["left_ankle"], 2]
    assert rest[INDEX["head"], 1] > rest[INDEX["pelvis"], 1] == pytest.approx(HIP_HEIGHT)
    assert 0.8 < HIP_HEIGHT < 1.1


def test_the_rest_skeleton_cannot_be_changed_by_accident():
    with pytest.raises(ValueError, match="read-only"):
        REST_OFFSETS[0, 0] = 1.0


def test_forward_kinematics_agrees_with_matrices(clip):
    rotations, root = clip
    expected = np.empty((FRAMES, len(JOINTS), 3))
    for frame in range(FRAMES):
        world = []
        for joint, parent in enumerate(PARENTS):
            local = np.eye(4)
            local[:3, :3] = quaternions.to_matrix(rotations[frame, joint])
            local[:3, 3] = root[frame] if parent < 0 else REST_OFFSETS[joint]
            world.append(local if parent < 0 else world[parent] @ local)
            expected[frame, joint] = world[joint][:3, 3]
    np.testing.assert_allclose(forward_kinematics(rotations, root), expected, atol=1e-12)


def test_bone_lengths_do_not_depend_on_the_pose(clip):
    positions = forward_kinematics(*clip)
    lengths = np.linalg.norm(positions[:, 1:] - positions[:, list(PARENTS[1:])], axis=-1)
    np.testing.assert_allclose(lengths, np.linalg.norm(REST_OFFSETS[1:], axis=-1)[None].repeat(FRAMES, 0), atol=1e-12)


def test_turning_the_root_turns_the_body(clip):
    rotations, root = clip
    turn = quaternions.about((0.0, 1.0, 0.0), 1.1)
    turned = rotations.copy()
    turned[:, 0] = quaternions.multiply(turn, rotations[:, 0])
    expected = quaternions.rotate(turn, forward_kinematics(rotations, root))
    np.testing.assert_allclose(forward_kinematics(turned, quaternions.rotate(turn, root)), expected, atol=1e-12)


def test_world_rotations_are_products_along_the_chain(clip):
    rotations, root = clip
    world, positions = poses(rotations, root)
    chain = quaternions.multiply(quaternions.multiply(rotations[:, 0], rotations[:, 1]), rotations[:, 4])
    assert quaternions.angle_between(world[:, 4], chain).max() < 1e-7
    np.testing.assert_allclose(positions, forward_kinematics(rotations, root))


def test_other_offsets_give_another_body(clip):
    rotations, root = clip
    bigger = forward_kinematics(rotations, root, REST_OFFSETS * 2)
    np.testing.assert_allclose(bigger - root[:, None], 2 * (forward_kinematics(rotations, root) - root[:, None]))
