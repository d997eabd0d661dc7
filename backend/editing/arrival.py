"""The root path of a new stretch over the ground: bent so that it ends where the clip goes on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from common.motion import quaternions

Array = NDArray[np.float64]

_UP = np.array([0.0, 1.0, 0.0])
_STANDING_M = 0.004
"""Travel per frame below which the body stands: corrections are spent where it moves, so that feet do not slide."""
_RADIAN_M = 0.5
"""A radian of turn counts as half a metre of travel: about what a foot half a metre from the root moves."""


def placed(rotations: Array, root: Array, at: int, like: tuple[Array, Array]) -> tuple[Array, Array]:
    """The clip turned about the vertical and shifted over the ground so that frame `at` stands as `like` (pelvis [4], root [3]) does."""
    turn = _yaw_between(rotations[at, 0], like[0])
    moved = quaternions.rotate(turn, root - root[at]) + like[1]
    moved[:, 1] = root[:, 1]
    turned = rotations.copy()
    turned[:, 0] = quaternions.multiply(turn, rotations[:, 0])
    return turned, moved


def arriving(rotations: Array, root: Array, start: int, end: int, like: tuple[Array, Array]) -> tuple[Array, Array]:
    """The clip bent between the frames `start` and `end` so that frame `end` stands as `like` does; before `start` it stays.

    The turn and the shift are shared out by how much the body travels in each frame, without a jerk at the ends.
    """
    step = np.linalg.norm(np.diff(root[start : end + 1, ::2], axis=0), axis=-1) + _STANDING_M
    gone = np.cumsum(step) / np.sum(step)
    share = np.zeros(len(root))
    share[start + 1 : end + 1] = gone * gone * (3.0 - 2.0 * gone)
    share[end + 1 :] = 1.0
    angle = _angle(_yaw_between(rotations[end, 0], like[0]))
    turns = quaternions.about(_UP, share * angle)
    steps = np.diff(root, axis=0)
    middle = quaternions.about(_UP, (share[1:] + share[:-1]) / 2 * angle)
    path = np.concatenate([root[:1], root[0] + np.cumsum(quaternions.rotate(middle, steps), axis=0)])
    path += share[:, None] * (like[1] - path[end]) * (1.0, 0.0, 1.0)
    path[:, 1] = root[:, 1]
    turned = rotations.copy()
    turned[:, 0] = quaternions.multiply(turns, rotations[:, 0])
    return turned, path


def miss(rotations: Array, root: Array, end: int, like: tuple[Array, Array]) -> float:
    """How far (m) the clip has to be bent to arrive: the shift over the ground, and half a metre for a radian."""
    shift = np.linalg.norm((like[1] - root[end])[::2])
    return float(shift + _RADIAN_M * abs(_angle(_yaw_between(rotations[end, 0], like[0]))))


def _yaw_between(a: Array, b: Array) -> Array:
    """[4]: the turn about the vertical that brings the pelvis rotation `a` [4] nearest to `b` [4]."""
    turn = quaternions.multiply(b, quaternions.inverse(a))
    yaw = turn * (1.0, 0.0, 1.0, 0.0)
    return quaternions.normalized(yaw) if np.linalg.norm(yaw) > 1e-6 else quaternions.identity()


def _angle(yaw: Array) -> float:
    """rad, from -pi to pi, about the vertical."""
    angle = 2.0 * np.arctan2(yaw[2], yaw[0])
    return float((angle + np.pi) % (2 * np.pi) - np.pi)
