"""Closed-form inverse kinematics of a limb of two bones, the plane of its hinge kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .. import quaternions

Array = NDArray[np.float64]

_HINT = 0.02
_STRAIGHT, _BENT = 0.03, 0.06
_TINY = 1e-9


def reach(limb: Array, axis: Array, targets: Array) -> tuple[Array, Array]:
    """World turns [..., 4] of both bones, each to be put before its world rotation, that take the limb's end to `targets`.

    limb: [..., 3 joints, 3] metres, for a leg hip, knee and ankle before; axis: [..., 3], unit, the world axis about which
    the lower bone bends forward, which tells a straight limb where its knee is; targets: [..., 3] metres. One out of
    reach is approached with a straight limb. The limb turns as a whole by the shortest arc, then both joints bend in its
    plane (law of cosines).
    """
    root, hinge_joint, end = np.moveaxis(limb, -2, 0)
    first, second, before, after = hinge_joint - root, end - hinge_joint, end - root, targets - root
    upper, lower = _length(first), _length(second)
    distance = np.clip(_length(after), np.abs(upper - lower) + _TINY, upper + lower - _TINY)

    turn = quaternions.between(before, after)
    along = after / np.maximum(_length(after), _TINY)
    hinge = quaternions.rotate(turn, _hinge(quaternions.cross(first, second) / (upper * lower), axis))
    hinge -= along * np.sum(hinge * along, axis=-1, keepdims=True)
    hinge /= np.maximum(_length(hinge), _TINY)
    cosine = (upper**2 + distance**2 - lower**2) / (2.0 * upper * distance)
    opening = np.arccos(np.clip(cosine, -1.0, 1.0))[..., 0]
    new_first = quaternions.rotate(quaternions.about(hinge, -opening), along) * upper
    new_second = along * distance - new_first
    first_bend = quaternions.between(quaternions.rotate(turn, first), new_first)
    second_bend = quaternions.between(quaternions.rotate(turn, second), new_second)
    return quaternions.multiply(first_bend, turn), quaternions.multiply(second_bend, turn)


def _hinge(bend: Array, axis: Array) -> Array:
    """The axis [..., 3] of a limb whose bones' cross product is `bend`: its own where it is bent, `axis` where straight.

    A limb that is a little over-extended counts as bent forward as much; else its hinge would vanish and turn round
    on the way from straight to over-extended.
    """
    forward = np.sum(bend * axis, axis=-1, keepdims=True)
    mirrored = np.clip((_BENT - _length(bend)) / (_BENT - _STRAIGHT), 0.0, 1.0)
    return bend + (_HINT + 2.0 * mirrored * np.maximum(-forward, 0.0)) * axis


def _length(v: Array) -> Array:
    return quaternions.lengths(v)
