"""The clip in which the canonical skeleton stands as a rig rests: on that rig it must give back the rest pose."""

from __future__ import annotations

import numpy as np

from common.motion import quaternions
from common.motion.motion import Motion
from common.motion.skeleton import INDEX, JOINTS, PARENTS, rest_positions

from .body import X, Y
from .description import Description

_LIMBS = (  # upper, lower and end joint; direction in the T-pose and hinge, left side
    ("shoulder", "elbow", "wrist", X, -Y),
    ("hip", "knee", "ankle", -Y, X),
)
_BENT_RAD = np.radians(3.0)


def rest_motion(description: Description, frames: int = 2) -> Motion:
    """Arms and legs as the rig's, everything else as in the T-pose; the hips stand where they stand in the T-pose.

    A straight limb comes from the T-pose by the shortest arc, a bent one with its hinge.
    """
    world = quaternions.identity(len(JOINTS))
    for side, sign in (("left", 1.0), ("right", -1.0)):
        for upper, lower, end, direction, hinge in _LIMBS:
            mirrored = (direction * (sign, 1, 1), hinge * ((1, sign, 1) if upper == "shoulder" else (1, 1, 1)))
            joints = [description.head(f"{side}_{part}") for part in (upper, lower, end)]
            turns = _turned(joints[1] - joints[0], joints[2] - joints[1], *mirrored)
            for part, turn in zip((upper, lower), turns, strict=True):
                world[INDEX[f"{side}_{part}"]] = turn
        world[INDEX[f"{side}_wrist"]] = world[INDEX[f"{side}_elbow"]]
    return still(world, rest_positions()[0], frames)


def still(world: np.ndarray, root: np.ndarray, frames: int) -> Motion:
    """A clip that holds the joints' rotations `world` [joint, 4] against the T-pose, the pelvis at `root` [3] m."""
    local = world.copy()
    above = list(PARENTS[1:])
    local[1:] = quaternions.multiply(quaternions.inverse(world[above]), world[1:])
    rotations, path = np.tile(local, (frames, 1, 1)), np.tile(root, (frames, 1))
    return Motion(
        rotations=rotations.astype(np.float32),
        root=path.astype(np.float32),
        contacts=np.ones((frames, 4), np.float32),
        fps=20.0,
        meta={"prompt": "a person stands still"},
    ).check()


def _turned(
    upper: np.ndarray, lower: np.ndarray, direction: np.ndarray, hinge: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The turns [4] that take a straight limb along `direction` to the bones `upper` and `lower`."""
    normal = np.cross(upper, lower) / (np.linalg.norm(upper) * np.linalg.norm(lower))
    if np.linalg.norm(normal) < np.sin(_BENT_RAD):
        first = quaternions.between(direction, upper)
        return first, quaternions.multiply(quaternions.between(upper, lower), first)
    start = quaternions.inverse(quaternions.from_frame(direction, hinge))
    first, second = (quaternions.multiply(quaternions.from_frame(bone, normal), start) for bone in (upper, lower))
    return first, second
