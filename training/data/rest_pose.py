"""A source's rest pose in the canonical axes, estimated from its own motion.

Captured skeletons place hips, collars, head and toes differently, and their files' zero pose may be anything. What people
share is how they stand: the median direction of each trunk bone over upright frames, and of each foot while it is planted,
is taken for the rest direction. Arms and legs are the T-pose's.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from common import FPS
from common.motion.skeleton import INDEX, MIRROR, PARENTS, REST_OFFSETS, mirror_name

Array = NDArray[np.float64]

_TRUNK = [
    INDEX[name]
    for left in ("left_hip", "spine1", "spine2", "spine3", "neck", "head", "left_collar", "left_shoulder")
    for name in sorted({left, mirror_name(left)})
]
_FEET = [INDEX["left_foot"], INDEX["right_foot"]]
_UPRIGHT_COS = np.cos(np.radians(12.0))
"""People who stand sway by some degrees; from 12 on they lean."""
_PLANTED_SPEED = 0.15
"""Metres a second: what captured feet still move while they stand."""
_PLANTED_HEIGHT = 0.05
"""Metres above the lowest, for thick and thin soles."""
_SHORT_M = 0.01
"""Bones below a centimetre have no direction that noise would not turn."""
_FLIP_X = np.array([-1.0, 1.0, 1.0])
"""Of the mirror image."""


def estimate_rest(clips: Iterable[Array]) -> Array:
    """Offsets [joint, 3] (m) of the rest pose of one source's clips, each [frame, 22, 3] (m) at 20 fps.

    Symmetric; a bone that is too short to have a direction, or that was never seen upright or planted, keeps the canonical one.
    """
    bones: list[list[Array]] = [[] for _ in PARENTS]
    lengths: list[Array] = []
    for positions in clips:
        offsets = _in_heading(positions[:, 1:] - positions[:, PARENTS[1:]], positions)
        lengths.append(np.linalg.norm(offsets, axis=-1))
        upright = _upright(positions)
        for joint in _TRUNK:
            bones[joint].append(offsets[upright, joint - 1])
        for joint in _FEET:
            bones[joint].append(offsets[upright & _planted(positions[:, joint]), joint - 1])
    length = np.concatenate([[0.0], np.median(np.concatenate(lengths), axis=0)])
    directions = np.stack([_direction(joint, parts) for joint, parts in enumerate(bones)])
    directions[_FEET, 0] = 0.0  # people stand with their toes out; the rest pose does not
    directions = _unit(directions + directions[list(MIRROR)] * _FLIP_X)
    length = (length + length[list(MIRROR)]) / 2
    return directions * length[:, None]


def _direction(joint: int, parts: list[Array]) -> Array:
    """The median direction [3] of a bone's vectors, or the canonical one."""
    vectors = np.concatenate(parts) if parts else np.empty((0, 3))
    median = np.median(vectors, axis=0) if len(vectors) else np.zeros(3)
    return _unit(median if np.linalg.norm(median) > _SHORT_M else REST_OFFSETS[joint])


def _in_heading(bones: Array, positions: Array) -> Array:
    """Vectors [frame, bone, 3] turned about Y so that the hips of each frame lie along X."""
    across = positions[:, INDEX["left_hip"]] - positions[:, INDEX["right_hip"]]
    x, z = _unit(across[:, [0, 2]]).T[..., None]
    return np.stack(
        [x * bones[..., 0] + z * bones[..., 2], bones[..., 1], x * bones[..., 2] - z * bones[..., 0]], axis=-1
    )


def _upright(positions: Array) -> NDArray[np.bool_]:
    """Frames whose trunk is nearly vertical."""
    return _unit(positions[:, INDEX["neck"]] - positions[:, 0])[:, 1] > _UPRIGHT_COS


def _planted(toes: Array) -> NDArray[np.bool_]:
    """Frames in which the toe joint [frame, 3] is slow and near the lowest height of its clip."""
    speed = np.linalg.norm(np.gradient(toes, axis=0), axis=-1) * FPS
    return (speed < _PLANTED_SPEED) & (toes[:, 1] < np.percentile(toes[:, 1], 5) + _PLANTED_HEIGHT)


def _unit(v: Array) -> Array:
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-9)
