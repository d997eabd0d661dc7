"""Feet that stay where they stand: a fixed place for each stance, reached by the legs, the pelvis lowered if need be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from common.motion import quaternions
from common.motion.feet.hips import lowering
from common.motion.feet.stance import body_shift, foot_shift
from common.motion.feet.two_bone import reach
from common.motion.skeleton import INDEX, PARENTS, poses

from .contacts import detect_contacts, ground, slide_cm_per_s

__all__ = ["detect_contacts", "ground", "plant_feet", "slide_cm_per_s"]

Array = NDArray[np.float64]

_HIPS, _KNEES, _ANKLES, _TOES = (
    [INDEX[f"{side}_{joint}"] for side in ("left", "right")] for joint in ("hip", "knee", "ankle", "foot")
)
_ANKLE_CLEARANCE_M = 0.045
"""Metres that the ankle stays above the floor when a foot is pitched: the sole and heel below the joint."""
_KNEE_AXIS = (1.0, 0.0, 0.0)
"""About which a knee bends in the rest pose."""


def plant_feet(
    rotations: NDArray[np.floating],
    root: NDArray[np.floating],
    contacts: NDArray[np.floating],
    keep_root_path: bool = False,
    posed: tuple[Array, Array, float] | None = None,
) -> tuple[Array, Array]:
    """The same clip with standing feet fixed and none below the floor: (rotations [frame, joint, 4], root [frame, 3]).

    rotations: joint to parent, w first; root: metres; contacts: [frame, 4], above 0.5 where a joint of
    `common.motion.skeleton.CONTACT_JOINTS` stands. Feet keep their orientation in the world, knees their plane, the body
    above the legs its pose. The pelvis goes down where a leg would have to stretch, and sideways only where the
    whole body slides; keep_root_path: never sideways, the legs take all. posed: world rotations and joint positions of
    this clip, by `common.motion.skeleton.poses`, and the height of its floor (m), from whoever has them already.
    """
    if posed is None:
        world, positions = poses(np.asarray(rotations, np.float64), np.asarray(root, np.float64))
        posed = world, positions, ground(positions)
    world, positions, floor = posed[0].copy(), *posed[1:]
    standing = (np.asarray(contacts) > 0.5).reshape(-1, 2, 2)
    body = np.zeros_like(positions[:, 0])
    if not keep_root_path:
        body = body_shift(positions[:, _ANKLES], positions[:, _TOES], standing)
    positions = positions + body[:, None]
    targets = np.stack(
        [_ankle_targets(positions[:, _ANKLES[k]], positions[:, _TOES[k]], standing[:, k], floor) for k in (0, 1)],
        axis=1,
    )
    legs = np.stack([positions[:, _HIPS], positions[:, _KNEES], positions[:, _ANKLES]], axis=2)
    drop = lowering(legs, targets)
    thigh_turn, shin_turn = reach(legs - drop[:, None, None], quaternions.rotate(world[:, _HIPS], _KNEE_AXIS), targets)
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
