"""Closed-form inverse kinematics of hip, knee and ankle, the plane of the knee kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from contract import quaternions

Array = NDArray[np.float64]

_KNEE_AXIS = np.array([1.0, 0.0, 0.0])
_AXIS_HINT = 0.02
_TINY = 1e-9


def reach(leg: Array, thigh_world: Array, targets: Array) -> tuple[Array, Array]:
    """World turns [..., 4] of thigh and shin, each to be put before its world rotation, that take the ankle to `targets`.

    leg: [..., 3 joints, 3] metres, hip, knee and ankle before; thigh_world: [..., 4], its world rotation, which tells
    a straight leg where its knee is; targets: [..., 3] metres. One out of reach is approached with a straight leg.
    The leg turns as a whole by the shortest arc, then hip and knee bend in its plane (law of cosines).
    """
    hip, knee, ankle = np.moveaxis(leg, -2, 0)
    thigh, shin, before, after = knee - hip, ankle - knee, ankle - hip, targets - hip
    upper, lower = _length(thigh), _length(shin)
    distance = np.clip(_length(after), np.abs(upper - lower) + _TINY, upper + lower - _TINY)

    turn = quaternions.between(before, after)
    along = after / np.maximum(_length(after), _TINY)
    hinge = np.cross(thigh, shin) / (upper * lower) + _AXIS_HINT * quaternions.rotate(thigh_world, _KNEE_AXIS)
    hinge = quaternions.rotate(turn, hinge)
    hinge -= along * np.sum(hinge * along, axis=-1, keepdims=True)
    hinge /= np.maximum(_length(hinge), _TINY)
    cosine = (upper**2 + distance**2 - lower**2) / (2.0 * upper * distance)
    opening = np.arccos(np.clip(cosine, -1.0, 1.0))[..., 0]
    new_thigh = quaternions.rotate(quaternions.about(hinge, -opening), along) * upper
    new_shin = along * distance - new_thigh
    thigh_bend = quaternions.between(quaternions.rotate(turn, thigh), new_thigh)
    shin_bend = quaternions.between(quaternions.rotate(turn, shin), new_shin)
    return quaternions.multiply(thigh_bend, turn), quaternions.multiply(shin_bend, turn)


def _length(v: Array) -> Array:
    return np.linalg.norm(v, axis=-1, keepdims=True)
