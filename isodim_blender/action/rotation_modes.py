"""Rotations as the numbers of Blender's rotation modes and back; pure numpy, no bpy.

A Euler order such as XYZ turns about X first; all its axes are the bone's own frame at rest.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...common.motion import quaternions

Array = NDArray[np.float64]

EULER = ("XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX")
CHANNELS = {"QUATERNION": "rotation_quaternion", "AXIS_ANGLE": "rotation_axis_angle"} | dict.fromkeys(
    EULER, "rotation_euler"
)
"""Mode -> the property that holds its numbers."""
_GIMBAL = 1e-6
_STILL = 1e-9
_TURN = 2.0 * np.pi


def from_quaternions(mode: str, q: ArrayLike, start: ArrayLike | None = None) -> Array:
    """[frame, ..., 3 or 4]: the numbers of `mode` for rotations `q` [frame, ..., 4], each frame as near as can be to the last.

    start: the numbers that the first frame is to be near, [..., 3 or 4]; the rest pose if not given. Angles in radians.
    """
    q = np.asarray(q, np.float64)
    if mode == "QUATERNION":
        q = quaternions.normalized(q)
        flip = start is not None and np.sum(q[0] * np.asarray(start), axis=-1, keepdims=True) < 0
        return quaternions.continuous(np.concatenate([np.where(flip, -q[:1], q[:1]), q[1:]]))
    if mode == "AXIS_ANGLE":
        return _axis_angle(q, np.array((0.0, 0.0, 1.0, 0.0) if start is None else start, np.float64))
    return _euler(mode, q, np.zeros(3) if start is None else np.asarray(start, np.float64))


def to_quaternions(mode: str, values: ArrayLike) -> Array:
    """[..., 4]: the rotations that Blender makes of the numbers of `mode`, of unit length or not."""
    values = np.asarray(values, np.float64)
    if mode == "QUATERNION":
        return quaternions.normalized(values)
    if mode == "AXIS_ANGLE":
        axis = values[..., 1:]
        return quaternions.about(axis / np.maximum(np.linalg.norm(axis, axis=-1, keepdims=True), 1e-12), values[..., 0])
    first, second, third = (quaternions.about(np.eye(3)["XYZ".index(a)], values[..., "XYZ".index(a)]) for a in mode)
    return quaternions.multiply(third, quaternions.multiply(second, first))


def _axis_angle(q: Array, start: Array) -> Array:
    """Angle first; the axis keeps its side when the angle passes zero, so that no frame jumps."""
    sine = np.linalg.norm(q[..., 1:], axis=-1)
    result = np.empty_like(q)
    result[...] = start
    angle, axis = start[..., 0], start[..., 1:]
    for frame, vector in enumerate(q[..., 1:]):
        turns = sine[frame] > _STILL
        unit = vector / np.where(turns, sine[frame], 1.0)[..., None]
        side = np.where(np.sum(unit * axis, axis=-1) < 0, -1.0, 1.0)
        axis = np.where(turns[..., None], side[..., None] * unit, axis)
        found = 2.0 * np.arctan2(np.where(turns, side * sine[frame], 0.0), q[frame, ..., 0])
        angle = found + _TURN * np.round((angle - found) / _TURN)
        result[frame, ..., 0], result[frame, ..., 1:] = angle, axis
    return result


def _euler(order: str, q: Array, start: Array) -> Array:
    """Shoemake, "Euler angle conversion" (Graphics Gems IV, 1994), in Blender's columns: about `order[0]` first."""
    i, j, k = ("XYZ".index(axis) for axis in order)
    sign = 1.0 if (j - i) % 3 == 1 else -1.0
    m = quaternions.to_matrix(q)
    across = np.hypot(m[..., i, i], m[..., j, i])
    middle = np.arctan2(-sign * m[..., k, i], across)
    first = np.arctan2(sign * m[..., k, j], m[..., k, k])
    third = np.arctan2(sign * m[..., j, i], m[..., i, i])
    # Where the middle angle is a quarter turn, only the sum or the difference of the others means something.
    side = sign * np.sign(middle)
    together = sign * np.arctan2(side * m[..., i, j], m[..., j, j])
    columns = [i, j, k]
    near = np.broadcast_to(start, (*q.shape[1:-1], 3))[..., columns]
    result = np.empty((*q.shape[:-1], 3))
    for frame in range(len(q)):
        locked = across[frame] < _GIMBAL
        a = np.where(locked, near[..., 0], first[frame])
        c = np.where(locked, side[frame] * (a - together[frame]), third[frame])
        one = np.stack([a, middle[frame], c], axis=-1)
        both = np.stack([one, np.stack([a + np.pi, np.pi - middle[frame], c + np.pi], axis=-1)])
        both += _TURN * np.round((near - both) / _TURN)
        far = np.abs(both - near).sum(axis=-1)
        near = np.where((far[1] < far[0])[..., None], both[1], both[0])
        result[frame][..., columns] = near
    return result
