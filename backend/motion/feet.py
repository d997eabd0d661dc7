"""Feet that stay where they stand: a fixed place for each stance, reached by the legs, the pelvis lowered if need be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from contract import quaternions
from contract.skeleton import INDEX, PARENTS, poses

from .contacts import detect_contacts, ground, slide_cm_per_s
from .leg_ik import reach
from .stance import BLEND_FRAMES, body_shift, foot_shift

__all__ = ["detect_contacts", "ground", "plant_feet", "slide_cm_per_s"]

Array = NDArray[np.float64]

_HIPS, _KNEES, _ANKLES, _TOES = (
    [INDEX[f"{side}_{joint}"] for side in ("left", "right")] for joint in ("hip", "knee", "ankle", "foot")
)
_ANKLE_CLEARANCE_M = 0.045
_STRAIGHT = 0.995


def plant_feet(
    rotations: NDArray[np.floating], root: NDArray[np.floating], contacts: NDArray[np.floating]
) -> tuple[Array, Array]:
    """The same clip with standing feet fixed and none below the floor: (rotations [frame, joint, 4], root [frame, 3]).

    rotations: joint to parent, w first; root: metres; contacts: [frame, 4], above 0.5 where a joint of
    `contract.skeleton.CONTACT_JOINTS` stands. Feet keep their orientation in the world, knees their plane, the body
    above the legs its pose. The pelvis goes down where a leg would have to stretch, and sideways only where the
    whole body slides.
    """
    world, positions = poses(np.asarray(rotations, np.float64), np.asarray(root, np.float64))
    floor = ground(positions)
    standing = (np.asarray(contacts) > 0.5).reshape(-1, 2, 2)
    body = body_shift(positions[:, _ANKLES], positions[:, _TOES], standing)
    positions = positions + body[:, None]
    targets = np.stack(
        [_ankle_targets(positions[:, _ANKLES[k]], positions[:, _TOES[k]], standing[:, k], floor) for k in (0, 1)],
        axis=1,
    )
    legs = np.stack([positions[:, _HIPS], positions[:, _KNEES], positions[:, _ANKLES]], axis=2)
    drop = _lowering(legs, targets)
    thigh_turn, shin_turn = reach(legs - drop[:, None, None], world[:, _HIPS], targets)
    world[:, _HIPS] = quaternions.multiply(thigh_turn, world[:, _HIPS])
    world[:, _KNEES] = quaternions.multiply(shin_turn, world[:, _KNEES])
    planted = np.array(rotations, np.float64)
    for joints in (_HIPS, _KNEES, _ANKLES):
        parents = [PARENTS[joint] for joint in joints]
        planted[:, joints] = quaternions.multiply(quaternions.inverse(world[:, parents]), world[:, joints])
    return quaternions.continuous(quaternions.normalized(planted)), root + body - drop


def _ankle_targets(ankle: Array, toes: Array, standing: NDArray[np.bool_], floor: float) -> Array:
    """[frame, 3] metres: where the ankle goes so that the foot stands still and is nowhere below the floor."""
    shift = foot_shift(ankle, toes, standing)
    below = np.maximum(floor - toes[:, 1], floor + _ANKLE_CLEARANCE_M - ankle[:, 1])
    shift[:, 1] = np.maximum(below, 0.0)
    return ankle + shift


def _lowering(legs: Array, targets: Array) -> Array:
    """[frame, 3] metres downwards, smooth in time, that bring every ankle within its leg's reach.

    legs: [frame, leg, 3 joints, 3]; targets: [frame, leg, 3]. A leg may be as straight as it was, or nearly straight.
    """
    hip, knee, ankle = np.moveaxis(legs, -2, 0)
    length = np.linalg.norm(knee - hip, axis=-1) + np.linalg.norm(ankle - knee, axis=-1)
    longest = np.maximum(_STRAIGHT * length, np.linalg.norm(ankle - hip, axis=-1))
    away = np.linalg.norm((targets - hip)[..., (0, 2)], axis=-1)
    height = np.sqrt(np.maximum(longest**2 - away**2, 0.0))
    needed = np.maximum(hip[..., 1] - targets[..., 1] - height, 0.0).max(axis=1)
    # The mean of a running maximum over the same window is smooth and nowhere below what is needed.
    window = 2 * BLEND_FRAMES + 1
    padded = np.pad(needed, 2 * BLEND_FRAMES, mode="edge")
    highest = np.lib.stride_tricks.sliding_window_view(padded, window).max(axis=-1)
    smooth = np.lib.stride_tricks.sliding_window_view(highest, window).mean(axis=-1)
    return smooth[:, None] * (0.0, 1.0, 0.0)
