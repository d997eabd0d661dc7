"""Laws of the quaternion functions, and agreement with scipy wherever it has the same function."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation, Slerp

from common.motion import quaternions as quat

FEW = settings(max_examples=20, deadline=None)
GENERATORS = st.integers(0, 2**32 - 1).map(np.random.default_rng)


def random_quaternions(generator, *shape):
    return quat.normalized(generator.normal(size=(*shape, 4)))


def scipy_of(q):
    return Rotation.from_quat(q, scalar_first=True)


def assert_same_rotation(a, b, atol=1e-9):
    assert quat.angle_between(a, b).max() < atol


@FEW
@given(GENERATORS)
def test_product_inverse_and_rotation_agree_with_scipy(generator):
    a, b = random_quaternions(generator, 2, 7)
    v = generator.normal(size=(7, 3))
    assert_same_rotation(quat.multiply(a, b), (scipy_of(a) * scipy_of(b)).as_quat(scalar_first=True), 1e-7)
    assert_same_rotation(quat.inverse(a), scipy_of(a).inv().as_quat(scalar_first=True), 1e-7)
    np.testing.assert_allclose(quat.rotate(a, v), scipy_of(a).apply(v), atol=1e-12)


@FEW
@given(GENERATORS)
def test_matrices_agree_with_scipy_and_come_back(generator):
    q = random_quaternions(generator, 9)
    np.testing.assert_allclose(quat.to_matrix(q), scipy_of(q).as_matrix(), atol=1e-12)
    assert_same_rotation(quat.from_matrix(quat.to_matrix(q)), q, 1e-7)


@pytest.mark.parametrize("axis", np.eye(3))
def test_half_turns_survive_the_matrix(axis):
    half = quat.about(axis, np.pi)
    assert_same_rotation(quat.from_matrix(quat.to_matrix(half)), half, 1e-7)


@FEW
@given(GENERATORS)
def test_about_agrees_with_rotation_vectors(generator):
    axis = generator.normal(size=(6, 3))
    axis /= np.linalg.norm(axis, axis=-1, keepdims=True)
    angle = generator.uniform(-np.pi, np.pi, 6)
    expected = Rotation.from_rotvec(axis * angle[:, None]).as_quat(scalar_first=True)
    assert_same_rotation(quat.about(axis, angle), expected, 1e-7)
    np.testing.assert_allclose(quat.angle_between(quat.about(axis, angle), quat.identity(6)), np.abs(angle), atol=1e-7)


@FEW
@given(GENERATORS)
def test_slerp_agrees_with_scipy(generator):
    a, b = random_quaternions(generator, 2)
    amount = np.linspace(0.0, 1.0, 5)
    expected = Slerp([0.0, 1.0], Rotation.concatenate([scipy_of(a), scipy_of(b)]))(amount)
    got = quat.slerp(np.repeat(a[None], 5, axis=0), np.repeat(b[None], 5, axis=0), amount)
    assert_same_rotation(got, expected.as_quat(scalar_first=True), 1e-6)


def test_slerp_of_equal_rotations_is_that_rotation():
    q = quat.normalized([1.0, 2.0, 3.0, 4.0])
    np.testing.assert_allclose(quat.slerp(q, q, 0.3), q, atol=1e-12)
    assert_same_rotation(quat.slerp(q, -q, 0.3), q, 1e-7)


@FEW
@given(GENERATORS)
def test_between_takes_one_direction_to_the_other_the_short_way(generator):
    a, b = generator.normal(size=(2, 8, 3))
    q = quat.between(a, b)
    unit_a, unit_b = (v / np.linalg.norm(v, axis=-1, keepdims=True) for v in (a, b))
    np.testing.assert_allclose(quat.rotate(q, unit_a), unit_b, atol=1e-9)
    angle = np.arccos(np.clip(np.sum(unit_a * unit_b, axis=-1), -1, 1))
    np.testing.assert_allclose(quat.angle_between(q, quat.identity(8)), angle, atol=1e-6)


@pytest.mark.parametrize("direction", [*np.eye(3), (0.6, -0.8, 0.0)])
def test_between_opposite_directions_is_half_a_turn(direction):
    q = quat.between(direction, -np.asarray(direction))
    np.testing.assert_allclose(np.linalg.norm(q), 1.0)
    np.testing.assert_allclose(quat.rotate(q, direction), -np.asarray(direction), atol=1e-7)


@FEW
@given(GENERATORS)
def test_continuous_keeps_the_rotations_and_removes_sign_flips(generator):
    steps = quat.about(np.array([0.0, 1.0, 0.0]), generator.uniform(-1.0, 1.0, (30, 4)))
    path = np.array([quat.identity(4)])
    for step in steps:
        path = np.concatenate([path, quat.multiply(step, path[-1])[None]])
    flipped = path * generator.choice([-1.0, 1.0], size=(31, 4, 1))
    got = quat.continuous(flipped)
    assert (np.sum(got[1:] * got[:-1], axis=-1) > 0).all()
    np.testing.assert_allclose(np.abs(np.sum(got * path, axis=-1)), 1.0, atol=1e-9)
    np.testing.assert_array_equal(got[0], flipped[0])


@FEW
@given(GENERATORS)
def test_from_frame_has_its_axes_where_they_were_asked(generator):
    x, y = generator.normal(size=(2, 6, 3))
    q = quat.from_frame(x, y)
    np.testing.assert_allclose(
        quat.rotate(q, (1.0, 0.0, 0.0)), x / np.linalg.norm(x, axis=-1, keepdims=True), atol=1e-9
    )
    turned_y = quat.rotate(q, (0.0, 1.0, 0.0))
    np.testing.assert_allclose(np.sum(turned_y * x, axis=-1), 0.0, atol=1e-9)
    assert (np.sum(turned_y * y, axis=-1) > 0).all()


def test_broadcasting():
    q = quat.about((0.0, 0.0, 1.0), np.pi / 2)
    np.testing.assert_allclose(quat.rotate(q, np.eye(3)), [(0, 1, 0), (-1, 0, 0), (0, 0, 1)], atol=1e-12)
    assert quat.multiply(quat.identity(3, 1), quat.identity(2)).shape == (3, 2, 4)
