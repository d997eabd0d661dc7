"""A person's landmarks at rest: the canonical joints and the points that rigs have besides, in the wire's axes, metres."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from common.motion import quaternions
from common.motion.skeleton import INDEX, JOINTS, PARENTS, REST_OFFSETS

X, Y, Z = np.eye(3)
ARM_DOWN_DEG = {"T": 0.0, "A": 45.0, "I": 78.0}
"""How far the arms of a rest pose hang below the horizontal."""
SIZES = {
    "thigh": ("hip", "knee"), "shin": ("ankle",), "foot": ("foot",), "upper_arm": ("elbow",), "forearm": ("wrist",),
    "shoulders": ("collar", "shoulder"), "spine": ("spine1", "spine2", "spine3", "neck"), "head": ("head",),
}  # fmt: skip
"""What can be larger or smaller than on the canonical skeleton: the joints whose offsets from their parents it scales."""
_SIZED = {part: size for size, parts in SIZES.items() for part in parts} | {"hip": "hips"}
_FINGERS = {"index": (0.034, 0.064), "middle": (0.0125, 0.074), "ring": (-0.009, 0.068), "pinky": (-0.029, 0.052)}
_THUMB = ((0.022, -0.002, 0.024), (0.045, -0.005, 0.050), (0.068, -0.008, 0.066), (0.092, -0.010, 0.076))


def _hand() -> dict[str, tuple[str, tuple[float, float, float]]]:
    points = {f"thumb{number}": point for number, point in enumerate(_THUMB, start=1)}
    for finger, (across, reach) in _FINGERS.items():
        points[f"{finger}0"] = (0.03, 0.0, across * 0.7)
        points |= {f"{finger}{n}": (0.1 + reach * (n - 1) / 3, 0.0, across) for n in range(1, 5)}
    return {f"left_{name}": ("left_wrist", point) for name, point in points.items()}


_EXTRA = {  # the joint that a point moves with, metres from it
    "crown": ("head", (0.0, 0.18, 0.0)), "chin": ("head", (0.0, -0.05, 0.09)), "jaw": ("head", (0.0, 0.0, 0.03)),
    "left_eye": ("head", (0.032, 0.06, 0.085)), "left_toe_tip": ("left_foot", (0.0, 0.0, 0.07)),
    "left_heel": ("left_ankle", (0.0, -0.06, -0.05)), "left_bust": ("spine3", (0.08, 0.06, 0.10)),
    "left_palm": ("left_wrist", (0.09, 0.0, 0.0)), "braid": ("head", (0.0, -0.35, -0.16)),
} | _hand()  # fmt: skip


def landmarks(
    rest: str = "T",
    elbow_deg: float = 0.0,
    knee_deg: float = 0.0,
    spread_deg: float = 0.0,
    sizes: Mapping[str, float] | None = None,
) -> dict[str, np.ndarray]:
    """Name -> [3]: joints and other points with the toes' joints on the ground, y = 0, the pelvis above the origin.

    rest: T, A or I. elbow_deg, knee_deg: how far they are bent. spread_deg: legs apart. sizes: of `SIZES`, "hips" or "all"
    -> how many times the canonical size.
    """
    sizes = dict(sizes or {})
    world = _rest_rotations(ARM_DOWN_DEG[rest], elbow_deg, knee_deg, spread_deg)
    points = {JOINTS[0]: np.zeros(3)}
    for joint, name in enumerate(JOINTS[1:], start=1):
        part = name.rpartition("_")[2]
        offset = REST_OFFSETS[joint] * sizes.get(_SIZED[part], 1.0)
        points[name] = points[JOINTS[PARENTS[joint]]] + quaternions.rotate(world[PARENTS[joint]], offset)
    for name, (joint, offset) in _EXTRA.items():
        for side in ("left", "right") if name.startswith("left") else (None,):
            mirror = np.array((-1.0 if side == "right" else 1.0, 1.0, 1.0))
            owner = joint.replace("left", side or "")
            shift = quaternions.rotate(world[INDEX[owner]], np.array(offset) * mirror)
            points[name.replace("left", side or "")] = points[owner] + shift
    points["ground"] = points["pelvis"] * (1.0, 0.0, 1.0) + Y * points["left_foot"][1]
    lowest = points["ground"].copy()
    return {name: (point - lowest) * sizes.get("all", 1.0) for name, point in points.items()}


def _rest_rotations(down: float, elbow: float, knee: float, spread: float) -> np.ndarray:
    """[joint, 4]: how the body parts are turned against the T-pose."""
    world = quaternions.identity(len(JOINTS))
    for side, sign in (("left", 1.0), ("right", -1.0)):
        arm = quaternions.about(Z, -sign * np.radians(down))
        forearm = quaternions.multiply(arm, quaternions.about(Y, -sign * np.radians(elbow)))
        apart = quaternions.about(Z, sign * np.radians(spread))
        turns = {
            "shoulder": arm,
            "elbow": forearm,
            "wrist": forearm,
            "hip": quaternions.multiply(apart, quaternions.about(X, -np.radians(knee / 2))),
            "knee": quaternions.multiply(apart, quaternions.about(X, np.radians(knee / 2))),
        }
        for part, turn in turns.items():
            world[INDEX[f"{side}_{part}"]] = turn
    return world
