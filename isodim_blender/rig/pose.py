"""A Motion in the bone space of an armature whose joints rest where the canonical skeleton's do; no bpy."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from ...contract import quaternions
from ...contract.motion import Motion
from . import axes


@dataclasses.dataclass(frozen=True)
class BonePose:
    """What a pose bone's own channels hold, frame by frame.

    rotations: [frame, joint, 4] w first, relative to the bone's rest, sign-continuous in time.
    location: [frame, 3] metres, the pelvis bone's offset from its rest head, along the bone's own axes.
    """

    rotations: NDArray[np.float64]
    location: NDArray[np.float64]


def in_bone_space(motion: Motion, rest: NDArray[np.floating]) -> BonePose:
    """The channels that make an armature play `motion`.

    rest: [joint, 4, 4], each bone's rest matrix in armature space (metres, Blender's axes); its upper 3 x 3 part is
    orthonormal. A joint turned by L in its parent's space turns its bone by R^-1 C L C^-1 R, where C is the change of
    axes and R the bone's rest rotation: only the quaternion's vector part moves.
    """
    turn = rest[:, :3, :3]
    bone_from_wire = np.swapaxes(turn, -1, -2) @ axes.BLENDER_FROM_WIRE
    rotations = np.array(motion.rotations, np.float64)
    rotations[..., 1:] = np.einsum("jab,fjb->fja", bone_from_wire, rotations[..., 1:])
    location = (axes.to_blender(motion.root) - rest[0, :3, 3]) @ turn[0]
    return BonePose(quaternions.continuous(rotations), location)
