"""Rest poses that files come with besides T, A and I: lying, folded, leaning, hanging below their own origin; no bpy."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from common.motion import quaternions
from common.motion.skeleton import JOINTS

from .body import X, Y, Z
from .description import Description

_SIDES = ("left", "right")


def turned(found: Description, turn: np.ndarray, slot: str | None = None) -> Description:
    """`turn` [4] of the whole rig about the armature's origin, or of what hangs on a slot's first bone about its head.

    The turn is in the wire's axes (X left, Y up, Z ahead).
    """
    turn = np.array(turn)
    turn[1:] = quaternions.rotate(found.wire, turn[1:])
    rig = found.rig
    root = rig.index[found.bone_map.slots[slot][0]] if slot else None
    bones = [bone for bone in range(len(rig.names)) if root is None or root in (bone, *rig.ancestors(bone))]
    pivot = np.zeros(3) if root is None else rig.heads[root]
    heads, tails, rotations = rig.heads.copy(), rig.tails.copy(), found.rotations.copy()
    for points in (heads, tails):
        points[bones] = pivot + quaternions.rotate(turn, points[bones] - pivot)
    rotations[bones] = quaternions.multiply(turn, rotations[bones])
    return dataclasses.replace(
        found, rig=dataclasses.replace(rig, heads=heads, tails=tails), rolls=_rolls(heads, tails, rotations)
    )


def shifted(found: Description, way: np.ndarray) -> Description:
    """The rig elsewhere in its data by `way` [3], metres, the wire's axes."""
    way = quaternions.rotate(found.wire, way) * found.unit
    rig = dataclasses.replace(found.rig, heads=found.rig.heads + way, tails=found.rig.tails + way)
    return dataclasses.replace(found, rig=rig)


def hanging(found: Description) -> Description:
    """The hips on the armature's origin, as BVH files have them whose root's OFFSET is 0 0 0."""
    hips = np.mean([found.head(f"{side}_hip") for side in _SIDES], axis=0)
    return shifted(found, -hips)


def leaning(found: Description, degrees: float, flat_feet: bool = True) -> Description:
    """The whole body ahead by so many degrees about its ankles; with flat feet these stay on the ground."""
    turn = quaternions.about(X, np.radians(degrees))
    ankles = np.mean([found.head(f"{side}_ankle") for side in _SIDES], axis=0)
    found = shifted(turned(shifted(found, -ankles), turn), ankles)
    for side in _SIDES if flat_feet else ():
        found = turned(found, quaternions.inverse(turn), f"{side}_ankle")
    return found


def along_x(found: Description) -> Description:
    """Every bone but the pelvis along +X, as some exporters of captures write their zero pose."""
    for slot in [name for name in (*JOINTS, "spine") if name != "pelvis" and found.bone_map.slots.get(name)]:
        for bone in found.bone_map.slots[slot]:
            along = found.rig.tails[found.rig.index[bone]] - found.rig.heads[found.rig.index[bone]]
            along = quaternions.rotate(quaternions.inverse(found.wire), along)
            found = turned(found, quaternions.between(along / np.linalg.norm(along), X), slot)
            break
    return found


def sitting(found: Description) -> Description:
    """On a chair: thighs level, shins down."""
    for side in _SIDES:
        found = turned(found, quaternions.about(X, -np.pi / 2), f"{side}_hip")
        found = turned(found, quaternions.about(X, np.pi / 2), f"{side}_knee")
    return found


def bowing(found: Description) -> Description:
    """The spine level."""
    return turned(found, quaternions.about(X, np.radians(80.0)), "spine")


def on_one_leg(found: Description) -> Description:
    """The left knee at the height of the hips, its shin hanging."""
    found = turned(found, quaternions.about(X, -np.pi / 2), "left_hip")
    return turned(found, quaternions.about(X, np.pi / 2), "left_knee")


def stepping(found: Description) -> Description:
    """In the middle of a step: the left foot a hand above the ground."""
    found = turned(found, quaternions.about(X, -np.radians(35.0)), "left_hip")
    found = turned(found, quaternions.about(X, np.radians(45.0)), "left_knee")
    return turned(found, quaternions.about(X, -np.radians(10.0)), "left_ankle")


def straddling(found: Description) -> Description:
    """Legs wide apart."""
    low = found
    for side, sign in (("left", 1.0), ("right", -1.0)):
        turn = quaternions.about(Z, sign * np.radians(30.0))
        low = turned(turned(low, turn, f"{side}_hip"), quaternions.inverse(turn), f"{side}_ankle")
    return _lowered(low, found)


def guarding(found: Description) -> Description:
    """A fighter's stance: knees bent, so that the hips are lower than the legs are long."""
    low = found
    for side in _SIDES:
        low = turned(low, quaternions.about(X, -np.radians(35.0)), f"{side}_hip")
        low = turned(low, quaternions.about(X, np.radians(60.0)), f"{side}_knee")
        low = turned(low, quaternions.about(X, -np.radians(25.0)), f"{side}_ankle")
    return _lowered(low, found)


def _lowered(posed: Description, stood: Description) -> Description:
    """A posture on the ground that the rig stood on before."""
    return shifted(posed, stood.head("left_ankle") * Y - posed.head("left_ankle") * Y)


LOW: dict[str, Callable[[Description], Description]] = {"straddling": straddling, "guarding": guarding}
"""What it looks like -> a description that stands lower than on straight legs."""
NO_STANCE: dict[str, Callable[[Description], Description]] = {
    "along x": along_x,
    "lying": lambda found: turned(found, quaternions.about(X, -np.pi / 2)),
    "on the side": lambda found: turned(found, quaternions.about(Z, np.pi / 2)),
    "upside down": lambda found: turned(found, quaternions.about(X, np.pi)),
    "sitting": sitting,
    "bowing": bowing,
    "on one leg": on_one_leg,
    "of no height": lambda found: _squashed(found, Y),
}
"""What it looks like -> a description that nobody stands in."""


def _squashed(found: Description, axis: np.ndarray) -> Description:
    flat = 1.0 - np.abs(quaternions.rotate(found.wire, axis)) * 0.999
    rig = dataclasses.replace(found.rig, heads=found.rig.heads * flat, tails=found.rig.tails * flat)
    return dataclasses.replace(found, rig=rig)


def _rolls(heads: np.ndarray, tails: np.ndarray, rotations: np.ndarray) -> np.ndarray:
    """[bone]: the rolls that give bones along tail - head these rotations [bone, 4], by Blender's rule."""
    along = tails - heads
    along = along / np.linalg.norm(along, axis=-1, keepdims=True)
    rolled = quaternions.multiply(
        rotations, quaternions.inverse(quaternions.between(np.broadcast_to(Y, along.shape), along))
    )
    return 2.0 * np.arctan2(np.sum(rolled[:, 1:] * along, axis=-1), rolled[:, 0])
