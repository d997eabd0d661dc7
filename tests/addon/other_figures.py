"""Rigs of the canonical joints with other proportions, and their legs in the figure's metres."""

import dataclasses
import types

import numpy as np
from isodim.common.motion import quaternions
from isodim.common.motion.skeleton import INDEX, REST_OFFSETS, forward_kinematics
from isodim.isodim_blender.rig import limbs
from isodim.isodim_blender.rig.fit import fit
from isodim.isodim_blender.rig.kinematics import Kinematics

from tests.addon import canonical_rig

SIDES = ("left", "right")
PROPORTIONS = {
    "canonical": {},
    "long thighs": {"knee": 1.2, "ankle": 0.9},
    "short shins, wide": {"ankle": 0.85, "hip": 1.6},
    "long shins and feet": {"knee": 0.9, "ankle": 1.15, "foot": 1.4},
    "short legs, long arms": {"knee": 0.7, "ankle": 0.7, "elbow": 1.2, "wrist": 1.2},
}
Z_UP = quaternions.about((1.0, 0.0, 0.0), np.pi / 2)


def figure(proportions, scale=1.0, turn=Z_UP, toes=True):
    """The Fit of a rig whose parts are longer by the factors of `PROPORTIONS`."""
    offsets = np.array(REST_OFFSETS)
    for part, factor in PROPORTIONS[proportions].items():
        for side in SIDES:
            offsets[INDEX[f"{side}_{part}"]] *= (factor, 1.0, 1.0) if part == "hip" else factor
    positions = forward_kinematics(quaternions.identity(1, len(offsets)), np.zeros((1, 3)), offsets)
    positions -= (0.0, positions[..., 1].min(), 0.0)
    rest = canonical_rig.make(types.SimpleNamespace(positions=positions), turn, scale, seed=2)
    bone_map = canonical_rig.bone_map()
    if not toes:
        slots = {slot: bones for slot, bones in bone_map.slots.items() if not slot.endswith("_foot")}
        bone_map = dataclasses.replace(bone_map, slots=slots)
    return fit(rest, bone_map)


def paths(fitted, pose, *parts):
    """[frame, side, part, 3] metres: where those parts of both sides begin."""
    slots = [f"{side}_{part}" for side in SIDES for part in parts]
    return limbs.places(fitted, Kinematics(fitted.rest, pose), slots).reshape(-1, 2, len(parts), 3)


def jerk(path, fps):
    """99th percentile of the third difference over frames [frame, ..., 3], m/s^3."""
    return np.percentile(np.linalg.norm(np.diff(path, 3, axis=0), axis=-1), 99) * fps**3
