"""A pose over time as animation curves, each bone in its own rotation mode."""

from __future__ import annotations

import dataclasses

import bpy
import mathutils
import numpy as np
from numpy.typing import NDArray

from ...contract.skeleton import JOINTS
from ..rig.pose import BonePose


@dataclasses.dataclass(frozen=True)
class Curve:
    """One channel: where it belongs, and its `values` [frame] in the channel's own unit (m, rad or a quaternion part)."""

    data_path: str
    index: int
    group: str
    values: NDArray[np.float64]


def of_pose(armature: bpy.types.Object, pose: BonePose) -> list[Curve]:
    """The curves that make an IsoDiM armature play `pose`; locked channels get none.

    A bone whose rotation is locked on any axis gets no rotation curves at all: parts of a quaternion mean nothing.
    """
    curves: list[Curve] = []
    for joint, name in enumerate(JOINTS):
        bone = armature.pose.bones[name]
        path = bone.path_from_id()
        if joint == 0:
            free = [axis for axis in range(3) if not bone.lock_location[axis]]
            curves += [Curve(f"{path}.location", axis, name, pose.location[:, axis]) for axis in free]
        if not any(bone.lock_rotation):
            channel, values = _rotation(bone.rotation_mode, pose.rotations[:, joint])
            curves += [Curve(f"{path}.{channel}", index, name, column) for index, column in enumerate(values.T)]
    return curves


def _rotation(mode: str, quaternions: NDArray[np.float64]) -> tuple[str, NDArray[np.float64]]:
    """The channel of a rotation mode and its values [frame, 3 or 4] for sign-continuous `quaternions` [frame, 4]."""
    if mode == "QUATERNION":
        return "rotation_quaternion", quaternions
    if mode == "AXIS_ANGLE":
        sine = np.linalg.norm(quaternions[:, 1:], axis=1, keepdims=True)
        angle = 2.0 * np.arctan2(sine, quaternions[:, :1])
        axis = np.where(sine > 1e-9, quaternions[:, 1:] / np.maximum(sine, 1e-9), (0.0, 1.0, 0.0))
        return "rotation_axis_angle", np.concatenate([angle, axis], axis=1)
    eulers: list[mathutils.Euler] = []
    for quaternion in quaternions:
        turn = mathutils.Quaternion(quaternion)
        eulers.append(turn.to_euler(mode, eulers[-1]) if eulers else turn.to_euler(mode))
    return "rotation_euler", np.array(eulers, np.float64)
