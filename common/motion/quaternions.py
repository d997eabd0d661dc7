"""Quaternions on numpy arrays: w first, unit length, `[..., 4]`; all functions broadcast."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
_TINY = 1e-12
_CONJUGATE = np.array([1.0, -1.0, -1.0, -1.0])


def identity(*shape: int) -> Array:
    """Identity rotations `[*shape, 4]`."""
    result = np.zeros((*shape, 4))
    result[..., 0] = 1.0
    return result


def lengths(v: Array) -> Array:
    """Lengths [..., 1] of vectors [..., n]."""
    # twice as fast as np.linalg.norm on short last axes
    return np.sqrt(np.einsum("...i,...i->...", v, v))[..., None]


def normalized(q: ArrayLike) -> Array:
    """`q` at unit length."""
    q = np.asarray(q, np.float64)
    return q / np.maximum(lengths(q), _TINY)


def _pairs(q: ArrayLike) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """w + xi and y + zi [...], so that q = (w + xi) + (y + zi) j."""
    both = np.ascontiguousarray(q, np.float64).view(np.complex128)
    return both[..., 0], both[..., 1]


def multiply(a: ArrayLike, b: ArrayLike) -> Array:
    """The Hamilton product: rotate by `b`, then by `a`."""
    # as pairs of complex numbers, where j c = conj(c) j: four products of arrays instead of sixteen
    (first, second), (third, fourth) = _pairs(a), _pairs(b)
    front = first * third - second * fourth.conj()
    made = np.empty((*front.shape, 2), np.complex128)
    made[..., 0] = front
    made[..., 1] = first * fourth + second * third.conj()
    return made.view(np.float64)


def inverse(q: ArrayLike) -> Array:
    """The inverse rotation."""
    return np.asarray(q, np.float64) * _CONJUGATE


def cross(a: Array, b: Array) -> Array:
    """The cross product of vectors [..., 3]."""
    # by components into one array: several times faster than np.cross, np.moveaxis and np.stack on short last axes, and
    # this is the hot path
    ax, ay, az = a[..., 0], a[..., 1], a[..., 2]
    bx, by, bz = b[..., 0], b[..., 1], b[..., 2]
    first = ay * bz - az * by
    made = np.empty((*first.shape, 3))
    made[..., 0] = first
    made[..., 1] = az * bx - ax * bz
    made[..., 2] = ax * by - ay * bx
    return made


def rotate(q: ArrayLike, v: ArrayLike) -> Array:
    """Vectors `v` [..., 3] turned by `q` [..., 4]."""
    q, v = np.asarray(q, np.float64), np.asarray(v, np.float64)
    w, axis = q[..., :1], q[..., 1:]
    t = 2.0 * cross(axis, v)
    return v + w * t + cross(axis, t)


def about(axis: ArrayLike, angle_rad: ArrayLike) -> Array:
    """The rotation by `angle_rad` [...] about the unit vector `axis` [..., 3]."""
    half = np.asarray(angle_rad, np.float64)[..., None] / 2.0
    axis = np.asarray(axis, np.float64)
    return np.concatenate([np.cos(half), np.sin(half) * axis], axis=-1)


def between(a: ArrayLike, b: ArrayLike) -> Array:
    """The shortest rotation that takes direction `a` [..., 3] to direction `b` [..., 3]; half a turn about any normal when opposite."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    a, b = a / np.maximum(lengths(a), _TINY), b / np.maximum(lengths(b), _TINY)
    w = 1.0 + np.einsum("...i,...i->...", a, b)
    made = np.empty((*w.shape, 4))
    made[..., 0], made[..., 1:] = w, cross(a, b)
    opposite = w < 1e-8
    if opposite.any():
        from_there = np.broadcast_to(a, (*w.shape, 3))[opposite]
        other = np.where(np.abs(from_there[:, :1]) < 0.9, (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
        made[opposite, 1:] = cross(from_there, other)
    return normalized(made)


def continuous(q: ArrayLike) -> Array:
    """The same rotations `[frame, ..., 4]` with signs chosen so that neighbours in time are less than half a turn apart."""
    q = np.array(q, np.float64)
    flips = np.where(np.einsum("...i,...i->...", q[1:], q[:-1]) < 0.0, -1.0, 1.0)
    q[1:] *= np.cumprod(flips, axis=0)[..., None]
    return q


def slerp(a: ArrayLike, b: ArrayLike, amount: ArrayLike) -> Array:
    """Spherical interpolation (Shoemake, SIGGRAPH 1985) along the shorter arc; `amount` [...] from 0 (`a`) to 1 (`b`)."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    t = np.asarray(amount, np.float64)[..., None]
    dot = np.sum(a * b, axis=-1, keepdims=True)
    b, dot = np.where(dot < 0, -b, b), np.minimum(np.abs(dot), 1.0)
    angle = np.arccos(dot)
    near = angle < 1e-6
    sine = np.where(near, 1.0, np.sin(angle))
    weight_a = np.where(near, 1.0 - t, np.sin((1.0 - t) * angle) / sine)
    weight_b = np.where(near, t, np.sin(t * angle) / sine)
    return normalized(weight_a * a + weight_b * b)


def angle_between(a: ArrayLike, b: ArrayLike) -> Array:
    """Angle in radians [...] between two rotations, from 0 to pi."""
    difference = multiply(inverse(a), b)
    return 2.0 * np.arctan2(np.linalg.norm(difference[..., 1:], axis=-1), np.abs(difference[..., 0]))


def to_matrix(q: ArrayLike) -> Array:
    """Rotation matrices `[..., 3, 3]` whose columns are the turned axes."""
    return np.swapaxes(rotate(np.asarray(q)[..., None, :], np.eye(3)), -1, -2)


def from_matrix(matrix: ArrayLike) -> Array:
    """Quaternions of rotation matrices `[..., 3, 3]` (Shepperd, 1978: divide by the largest component)."""
    m = np.asarray(matrix, np.float64)
    xx, yy, zz = m[..., 0, 0], m[..., 1, 1], m[..., 2, 2]
    candidates = np.stack(
        [
            np.stack([1 + xx + yy + zz, m[..., 2, 1] - m[..., 1, 2], m[..., 0, 2] - m[..., 2, 0], m[..., 1, 0] - m[..., 0, 1]], -1),
            np.stack([m[..., 2, 1] - m[..., 1, 2], 1 + xx - yy - zz, m[..., 0, 1] + m[..., 1, 0], m[..., 0, 2] + m[..., 2, 0]], -1),
            np.stack([m[..., 0, 2] - m[..., 2, 0], m[..., 0, 1] + m[..., 1, 0], 1 - xx + yy - zz, m[..., 1, 2] + m[..., 2, 1]], -1),
            np.stack([m[..., 1, 0] - m[..., 0, 1], m[..., 0, 2] + m[..., 2, 0], m[..., 1, 2] + m[..., 2, 1], 1 - xx - yy + zz], -1),
        ],
        axis=-2,
    )  # fmt: skip
    best = np.argmax(np.stack([xx + yy + zz, xx, yy, zz], -1), axis=-1)
    return normalized(np.take_along_axis(candidates, best[..., None, None], axis=-2)[..., 0, :])


def from_frame(x: ArrayLike, y: ArrayLike) -> Array:
    """The rotation whose X axis is along `x` and whose Y axis is `y` made orthogonal to it; both [..., 3], not parallel."""
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    x = x / np.maximum(lengths(x), _TINY)
    z = cross(x, y)
    z = z / np.maximum(lengths(z), _TINY)
    return from_matrix(np.stack([x, cross(z, x), z], axis=-1))
