"""How a rig stands at rest against the canonical T-pose: where its ground is, where it looks, how its limbs point; no bpy."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ...common.motion import quaternions
from ...common.motion.skeleton import INDEX, JOINTS, rest_positions
from ...common.rigs.bone_map import SIDES, BoneMap
from .kinematics import Kinematics
from .rest import ArmaturePose, RestPose

Array = NDArray[np.float64]

_SNAP, _LEANT, _STRAIGHT = np.cos(np.radians((30.0, 12.0, 8.0)))
_SOLE = 0.15
_UNCERTAIN_RAD, _CERTAIN_RAD, _CREDIBLE_RAD = np.radians((3.0, 12.0, 75.0))
_ARM = {"left": (1.0, 0.0, 0.0), "right": (-1.0, 0.0, 0.0)}
ELBOW_AXIS = {"left": (0.0, -1.0, 0.0), "right": (0.0, 1.0, 0.0)}
_LEG, KNEE_AXIS = (0.0, -1.0, 0.0), (1.0, 0.0, 0.0)


@dataclasses.dataclass(frozen=True)
class Fit:
    """What the transfer between the canonical skeleton and a rig needs to know of the rig.

    stance: the pose that stands for the T-pose: the rest pose, or another one that a person chose.
    wire: [4], rotation from the wire's axes (Y up, +Z ahead) to armature space. up: [3], unit, armature space.
    floor: height of the ground along `up`, armature units. scale: armature units per canonical metre, the ratio of the
    heights of the hip joints above the soles' joints. hips: [3], midpoint of the hip joints in the stance.
    alignment: slot -> [4], armature space: turns a part from the stance to where the canonical T-pose has it; arms and
    legs only, since trunk, head and feet move relative to how they rest.
    """

    rest: RestPose
    bone_map: BoneMap
    stance: RestPose
    wire: Array
    up: Array
    floor: float
    scale: float
    hips: Array
    alignment: dict[str, Array]

    def bones(self, slot: str) -> tuple[int, ...]:
        """Indices of a slot's bones; empty if the rig lacks it."""
        return tuple(self.rest.rig.index[name] for name in self.bone_map.slots.get(slot, ()))

    def base(self, slot: str, bone: int) -> Array:
        """[4], armature space: the rotation of `bone`, of that slot, when the motion is in the canonical T-pose."""
        turn = self.alignment.get(slot)
        rotation = self.stance.rotations[bone]
        return rotation if turn is None else quaternions.multiply(turn, rotation)


def fit(rest: RestPose, bone_map: BoneMap, stance: ArmaturePose | None = None) -> Fit:
    """The fit of a rig; `stance` [one frame] is taken for its rest pose if given.

    InputError, one sentence with the part of the body, if the map does not hold what a clip needs.
    """
    bone_map.check(rest.rig)
    stands = rest if stance is None else _as_rest(rest, stance)
    joints = {slot: stands.rig.heads[stands.rig.index[bones[0]]] for slot, bones in bone_map.slots.items() if bones}
    wire = _wire(joints)
    up = quaternions.rotate(wire, (0.0, 1.0, 0.0))
    hips = (joints["left_hip"] + joints["right_hip"]) / 2
    part = "foot" if {"left_foot", "right_foot"} <= joints.keys() else "ankle"
    canonical = rest_positions()
    height = _middle(canonical, "hip")[1] - _middle(canonical, part)[1]
    low = np.mean([joints[f"{side}_{part}"] for side in SIDES], axis=0) @ up
    scale = float((hips @ up - low) / height)
    lowest = float(min(joints[f"{side}_{part}"] @ up for side in SIDES) - scale * _middle(canonical, part)[1])
    # Nearly every rig stands on its origin; the joints of its feet are a little above the soles.
    stands_on_origin = -_SOLE / 4 < lowest / (scale * height) < _SOLE
    return Fit(
        rest, bone_map, stands, wire, up, 0.0 if stands_on_origin else lowest, scale, hips, _alignment(joints, wire)
    )  # fmt: skip


def _as_rest(rest: RestPose, stance: ArmaturePose) -> RestPose:
    """The rest pose with the rotations and heads of `stance`; tails are turned with their bones."""
    found = Kinematics(rest, stance)
    bones = range(len(rest.rig.names))
    heads = found.heads(bones)[0]
    rotations = np.array([found.rotation(bone)[0] for bone in bones])
    turns = quaternions.multiply(rotations, quaternions.inverse(rest.rotations))
    tails = heads + quaternions.rotate(turns, rest.rig.tails - rest.rig.heads)
    return dataclasses.replace(
        rest, rig=dataclasses.replace(rest.rig, heads=heads, tails=tails), rotations=rotations
    )  # fmt: skip


def _middle(positions: Array, part: str) -> Array:
    return positions[[INDEX[f"{side}_{part}"] for side in SIDES]].mean(axis=0)


def _wire(joints: dict[str, Array]) -> Array:
    """[4]: left along the hips, up along the body.

    Up is one of the armature's axes, which a body that leans, crouches or stands with one foot ahead is near to, unless legs
    and trunk lean the same way, and clearly: then the whole figure was turned.
    """
    legs, trunk = _leaning(joints)
    lean = _unit(legs + trunk)
    axis = np.argmax(np.abs(lean))
    turned = legs @ trunk > _STRAIGHT and abs(lean[axis]) < _LEANT
    snaps = abs(lean[axis]) > _SNAP and not turned
    up = np.eye(3)[axis] * np.sign(lean[axis]) if snaps else lean
    left = joints["left_hip"] - joints["right_hip"]
    left = _unit(left - up * (left @ up))
    wire = quaternions.from_frame(left, up)
    if snaps:
        return wire
    standing = _unit(np.sum(_leaning(dict(zip(JOINTS, rest_positions(), strict=True))), axis=0))
    return quaternions.multiply(wire, quaternions.inverse(quaternions.from_frame(np.array((1.0, 0.0, 0.0)), standing)))


def _leaning(joints: Mapping[str, Array]) -> tuple[Array, Array]:
    """[3] each, unit: from the ankles up to the hips, and from there to the shoulders."""
    ankles, hips, shoulders = (
        (joints[f"left_{part}"] + joints[f"right_{part}"]) / 2 for part in ("ankle", "hip", "shoulder")
    )
    return _unit(hips - ankles), _unit(shoulders - hips)


def _alignment(joints: dict[str, Array], wire: Array) -> dict[str, Array]:
    """Slot -> [4], armature space."""
    found = {}
    for side in SIDES:
        for (first, second, end), direction, axis in (
            (("shoulder", "elbow", "wrist"), _ARM[side], ELBOW_AXIS[side]),
            (("hip", "knee", "ankle"), _LEG, KNEE_AXIS),
        ):
            upper = joints[f"{side}_{second}"] - joints[f"{side}_{first}"]
            lower = joints[f"{side}_{end}"] - joints[f"{side}_{second}"] if f"{side}_{end}" in joints else upper
            turns = _limb(upper, lower, quaternions.rotate(wire, direction), quaternions.rotate(wire, axis))
            found[f"{side}_{first}"], found[f"{side}_{second}"] = turns
        found[f"{side}_wrist"] = found[f"{side}_elbow"]
    return found


def _limb(upper: Array, lower: Array, direction: Array, axis: Array) -> tuple[Array, Array]:
    """The turns [4] of a limb's two bones: both come to lie along `direction`, their hinge on `axis`.

    A limb that is bent at rest shows its hinge; of a straight one the shortest arc is the least twist.
    """
    swing = quaternions.between(upper, direction)
    hinge = np.cross(_unit(upper), _unit(lower))
    bend = np.arctan2(np.linalg.norm(hinge), _unit(upper) @ _unit(lower))
    hinge = quaternions.rotate(swing, hinge)
    hinge = _unit(hinge - direction * (hinge @ direction))
    twist = np.arctan2(np.cross(hinge, axis) @ direction, hinge @ axis)
    certain = np.clip((bend - _UNCERTAIN_RAD) / (_CERTAIN_RAD - _UNCERTAIN_RAD), 0.0, 1.0)
    if abs(twist) > _CREDIBLE_RAD:
        certain = 0.0
    first = quaternions.multiply(quaternions.about(direction, certain * twist), swing)
    second = quaternions.multiply(quaternions.between(quaternions.rotate(first, lower), direction), first)
    return first, second


def _unit(vector: Array) -> Array:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12))
