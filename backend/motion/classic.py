"""The classic 263 features of HumanML3D (Guo et al., CVPR 2022) from the essential 67, for evaluators that read those.

[0:67] the essential features; [67:193] rotations of the 21 joints as two matrix columns each; [193:259] velocities of all 22
joints in the heading frame, metres per frame; [259:263] contacts of left ankle, left toes, right ankle, right toes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from common.motion import quaternions
from common.motion.skeleton import CONTACT_JOINTS, INDEX, JOINTS, PARENTS

from .features import features_to_joints, yaw_of

_CONTACT_STEP_SQUARED = 0.002
"""Squared metres a frame below which HumanML3D calls a foot planted."""
_AXES = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0), "down": (0.0, -1.0, 0.0)}
_REST_AXIS = {"spine1": "y", "spine2": "y", "spine3": "y", "neck": "y", "head": "z"}
_REST_AXIS |= {"hip": "x", "knee": "down", "ankle": "down", "foot": "z", "collar": "x"}
_REST_AXIS |= {"shoulder": "down", "elbow": "down", "wrist": "down"}


def _rest_direction(name: str) -> NDArray[np.float64]:
    """Direction of the bone that ends in a joint, in HumanML3D's idealised rest pose: limbs along the axes, arms hanging."""
    side, _, part = name.rpartition("_")
    direction = np.array(_AXES[_REST_AXIS[part]])
    return direction * (-1.0, 1.0, 1.0) if side == "right" else direction


_REST = np.stack([_rest_direction(name) for name in JOINTS[1:]])
_CHEST_CHILDREN = [INDEX["left_collar"], INDEX["right_collar"]]


def classic(features: ArrayLike) -> NDArray[np.float32]:
    """[frame, 263] from essential features [frame, 67], at least two frames; the last velocity repeats the one before.

    All but the twist of bones is determined by joint positions, and HumanML3D takes the shortest arc for it.
    """
    f = np.asarray(features, np.float64)
    positions, yaw = features_to_joints(f), yaw_of(f)
    to_heading = quaternions.about((0.0, 1.0, 0.0), -yaw)
    step = np.diff(positions, axis=0)
    velocity = quaternions.rotate(to_heading[:-1, None], step)
    contacts = np.sum(step[:, CONTACT_JOINTS] ** 2, axis=-1) < _CONTACT_STEP_SQUARED
    moving = np.concatenate([velocity.reshape(len(step), -1), contacts], axis=-1)
    moving = np.concatenate([moving, moving[-1:]])
    return np.concatenate([f, _rotations(positions, to_heading), moving], axis=-1).astype(np.float32)


def _rotations(positions: NDArray[np.float64], to_heading: NDArray[np.float64]) -> NDArray[np.float64]:
    """[frame, 126]: each joint's shortest-arc rotation relative to the one before it on its chain, as two columns."""
    bones = positions[:, 1:] - positions[:, PARENTS[1:]]
    world = np.concatenate([to_heading[:, None], quaternions.between(_REST, bones)], axis=1)
    before = np.array(PARENTS[1:])
    before[[joint - 1 for joint in _CHEST_CHILDREN]] = 0  # its chains of the arms start anew from the root's rotation
    local = quaternions.multiply(quaternions.inverse(world[:, before]), world[:, 1:])
    columns = np.swapaxes(quaternions.to_matrix(local)[..., :2], -1, -2)
    return columns.reshape(len(positions), -1)
