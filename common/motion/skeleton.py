"""The canonical skeleton: 22 SMPL joints in the HumanML3D order (Guo et al., CVPR 2022).

The rest pose is a symmetric T-pose, facing +Z with the left side at +X. Directions of the rest offsets follow the
SMPL mean body; lengths are the bone lengths of the skeleton that every HumanML3D clip is retargeted to.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from . import quaternions

JOINTS = (
    "pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2", "left_ankle", "right_ankle",
    "spine3", "left_foot", "right_foot", "neck", "left_collar", "right_collar", "head", "left_shoulder",
    "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist",
)  # fmt: skip
PARENTS = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19)
INDEX = {name: index for index, name in enumerate(JOINTS)}


def mirror_name(name: str) -> str:
    """The joint on the other side; a joint on the midline is its own mirror image."""
    side, _, rest = name.partition("_")
    return {"left": f"right_{rest}", "right": f"left_{rest}"}.get(side, name)


MIRROR = tuple(INDEX[mirror_name(name)] for name in JOINTS)
"""MIRROR[joint] is the index of the joint on the other side."""

CONTACT_JOINTS = (INDEX["left_ankle"], INDEX["left_foot"], INDEX["right_ankle"], INDEX["right_foot"])
"""The joints of the four columns of `Motion.contacts`, in HumanML3D's order."""

_DIRECTIONS_AND_LENGTHS = {  # left side and midline; the right side is the mirror image
    "left_hip": ((0.0595, -0.0864, -0.0156), 0.1065),
    "spine1": ((0.0, 0.1244, -0.0384), 0.1316),
    "left_knee": ((0.0, -1.0, 0.0), 0.3919),
    "spine2": ((0.0, 0.1380, 0.0268), 0.1432),
    "left_ankle": ((0.0, -1.0, 0.0), 0.4290),
    "spine3": ((0.0, 0.0560, 0.0029), 0.0574),
    "left_foot": ((0.0, -0.0612, 0.1262), 0.1464),
    "neck": ((0.0, 0.2116, -0.0335), 0.2194),
    "left_collar": ((0.0774, 0.1133, -0.0213), 0.1406),
    "head": ((0.0, 0.0889, 0.0504), 0.1030),
    "left_shoulder": ((0.1181, 0.0460, -0.0138), 0.1273),
    "left_elbow": ((1.0, 0.0, 0.0), 0.2600),
    "left_wrist": ((1.0, 0.0, 0.0), 0.2680),
}


def _rest_offsets() -> NDArray[np.float64]:
    offsets = np.zeros((len(JOINTS), 3))
    for name, (direction, length) in _DIRECTIONS_AND_LENGTHS.items():
        offset = np.asarray(direction) / np.linalg.norm(direction) * length
        offsets[INDEX[name]] = offset
        offsets[INDEX[mirror_name(name)]] = offset * ((-1, 1, 1) if mirror_name(name) != name else (1, 1, 1))
    offsets.flags.writeable = False
    return offsets


REST_OFFSETS = _rest_offsets()
"""[joint, 3] metres: each joint from its parent in the rest pose."""


def _generations() -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Joints as many steps from the pelvis as each other, and their parents; the nearest first."""
    depth = [0] * len(JOINTS)
    for joint, parent in enumerate(PARENTS[1:], start=1):
        depth[joint] = depth[parent] + 1
    alike = [np.flatnonzero(np.array(depth) == steps) for steps in range(1, max(depth) + 1)]
    return [(joints, np.array(PARENTS)[joints]) for joints in alike]


_GENERATIONS = _generations()
_BEFORE = np.array(PARENTS[1:])


def forward_kinematics(
    rotations: NDArray[np.floating], root: NDArray[np.floating], offsets: NDArray[np.floating] = REST_OFFSETS
) -> NDArray[np.float64]:
    """Joint positions [frame, joint, 3] (m) from joint-to-parent `rotations` [frame, joint, 4] and `root` [frame, 3] (m).

    `offsets` [joint, 3] (m) is the rest skeleton.
    """
    return poses(rotations, root, offsets)[1]


def poses(
    rotations: NDArray[np.floating], root: NDArray[np.floating], offsets: NDArray[np.floating] = REST_OFFSETS
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """World rotations [frame, joint, 4] and positions [frame, joint, 3] (m) of every joint."""
    rotations = np.asarray(rotations, np.float64)
    world = np.empty(rotations.shape, np.float64)
    positions = np.empty((*rotations.shape[:-1], 3), np.float64)
    world[..., 0, :], positions[..., 0, :] = rotations[..., 0, :], root
    for joints, parents in _GENERATIONS:
        world[..., joints, :] = quaternions.multiply(world[..., parents, :], rotations[..., joints, :])
    bones = quaternions.rotate(world[..., _BEFORE, :], np.asarray(offsets, np.float64)[1:])
    for joints, parents in _GENERATIONS:
        positions[..., joints, :] = positions[..., parents, :] + bones[..., joints - 1, :]
    return world, positions


def rest_positions() -> NDArray[np.float64]:
    """[joint, 3] metres: the rest pose with the soles' joints (`left_foot`, `right_foot`) on the ground, y = 0."""
    identity = np.zeros((1, len(JOINTS), 4))
    identity[..., 0] = 1.0
    positions = forward_kinematics(identity, np.zeros((1, 3)))[0]
    return positions - (0.0, positions[:, 1].min(), 0.0)


HIP_HEIGHT = float(rest_positions()[0, 1])
"""Metres from the ground to the pelvis in the rest pose."""
