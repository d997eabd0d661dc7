"""How a rig stands at rest against the canonical T-pose: where its ground is, where it looks, how its limbs point; no bpy."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ...common.errors import InputError
from ...common.motion import quaternions
from ...common.motion.skeleton import INDEX, JOINTS, rest_positions
from ...common.rigs import standing
from ...common.rigs.bone_map import SIDES, BoneMap
from .kinematics import Kinematics
from .place import Place
from .rest import ArmaturePose, RestPose

Array = NDArray[np.float64]

_NEAR, _LEANT, _ALONG = np.cos(np.radians((44.0, 12.0, 20.0)))
_SOLE = 0.15
_STRAIGHT = 0.94
"""Of the length of its legs: hips that rest lower are those of a fighter's stance or of legs apart, which clips must not keep."""
_UNCERTAIN_RAD, _CERTAIN_RAD, _CREDIBLE_RAD = np.radians((3.0, 12.0, 75.0))
_ARM = {"left": (1.0, 0.0, 0.0), "right": (-1.0, 0.0, 0.0)}
ELBOW_AXIS = {"left": (0.0, -1.0, 0.0), "right": (0.0, 1.0, 0.0)}
_LEG, KNEE_AXIS = (0.0, -1.0, 0.0), (1.0, 0.0, 0.0)


@dataclasses.dataclass(frozen=True)
class Fit:
    """What the transfer between the canonical skeleton and a rig needs to know of the rig.

    stance: the pose that stands for the T-pose: the rest pose, or another one that a person chose.
    wire: [4], rotation from the wire's axes (Y up, +Z ahead) to armature space. up: [3], unit, armature space.
    floor: height of the ground along `up`, armature units; soles: the same in the stance, which for data that hang below their
    own origin is another one. scale: armature units per canonical metre, the ratio of the heights of the hip joints above the
    soles' joints. hips: [3], midpoint of the hip joints in the stance; rise: how much higher they are when the legs of a stance that
    crouches or straddles are straight. floats: whether the stance does not tell where the ground is.
    borrowed: a clause for the person where a pose of an Action was taken for the rest, and own_stance that pose.
    alignment: slot -> [4], armature space: turns a part from the stance to where the canonical T-pose has it; arms and
    legs only, since trunk, head and feet move relative to how they rest.
    """

    rest: RestPose
    bone_map: BoneMap
    stance: RestPose
    wire: Array
    up: Array
    floor: float
    soles: float
    scale: float
    hips: Array
    alignment: dict[str, Array]
    floats: bool = False
    rise: float = 0.0
    borrowed: str = ""
    own_stance: ArmaturePose | None = None

    @property
    def stood(self) -> Array:
        """[3], armature space: the midpoint of the hip joints of the stance put on the ground, its legs straight."""
        return self.hips + (self.floor - self.soles + self.rise) * self.up

    def borrowing(self, clause: str, pose: ArmaturePose | None) -> Fit:
        """The same fit, whose stance is a pose that nobody chose."""
        return dataclasses.replace(self, borrowed=clause, own_stance=pose)

    def on_ground(self, height: float) -> Fit:
        """The same fit with the ground at `height` along `up`, armature units."""
        return dataclasses.replace(self, floor=height)

    def bones(self, slot: str) -> tuple[int, ...]:
        """Indices of a slot's bones; empty if the rig lacks it."""
        return tuple(self.rest.rig.index[name] for name in self.bone_map.slots.get(slot, ()))

    def base(self, slot: str, bone: int) -> Array:
        """[4], armature space: the rotation of `bone`, of that slot, when the motion is in the canonical T-pose."""
        turn = self.alignment.get(slot)
        rotation = self.stance.rotations[bone]
        return rotation if turn is None else quaternions.multiply(turn, rotation)


def fit(rest: RestPose, bone_map: BoneMap, stance: ArmaturePose | None = None, place: Place | None = None) -> Fit:
    """The fit of a rig; `stance` [one frame] is taken for its rest pose if given. place: how its object stands.

    InputError, one sentence with the part of the body, if the map does not hold what a clip needs; one about the rest pose if
    nobody stands like that.
    """
    bone_map.check(rest.rig)
    stands = rest if stance is None else as_rest(rest, stance)
    joints = _joints(stands, bone_map)
    if (wrong := standing.fault(joints)) is not None:
        raise no_stance("of this rig", wrong)
    wire = _wire(joints, place)
    stands, joints, fixed = _upright(stands, bone_map, joints, wire)
    up = quaternions.rotate(wire, (0.0, 1.0, 0.0))
    hips = standing.middle(joints, "hip")
    part = "foot" if {"left_foot", "right_foot"} <= joints.keys() else "ankle"
    canonical = rest_positions()
    height = _middle(canonical, "hip")[1] - _middle(canonical, part)[1]
    stands_on = min(SIDES, key=lambda side: float(joints[f"{side}_{part}"] @ up))  # the other foot may be lifted
    low = joints[f"{stands_on}_{part}"] @ up
    rise = _rise(joints, up, stands_on)
    scale = float((hips @ up - low + rise) / height)
    if not scale > 0.0:
        raise no_stance("of this rig", standing.Fault("upside down"))
    lowest = float(min(joints[f"{side}_{part}"] @ up for side in SIDES) - scale * _middle(canonical, part)[1])
    # Nearly every rig stands on its origin; the joints of its feet are a little above the soles.
    if _near(lowest, 0.0, scale * height):
        return Fit(rest, bone_map, stands, wire, up, 0.0, 0.0, scale, hips, _alignment(joints, wire) | fixed, rise=rise)
    floats = place is None or not (place.up @ up > _LEANT and _near(lowest, place.ground, scale * height))
    floor = 0.0 if floats and place is not None and lowest < 0.0 else lowest
    aligned = _alignment(joints, wire) | fixed
    return Fit(rest, bone_map, stands, wire, up, floor, lowest, scale, hips, aligned, floats, rise)


def no_stance(whose: str, wrong: standing.Fault) -> InputError:
    """The sentence for a rest pose in which nobody stands. whose: such as "of Anna"."""
    advice = "turn the object until it stands, or pose it standing" if wrong.laid else "pose it standing"
    if wrong.exchanged:
        return InputError(
            f"The rest pose {whose}",
            wrong.clause,
            f"a person whose toes point ahead (choose left and right the other way round under Bones, or {advice} and press "
            "Current Pose Is My Rest)",
        )
    return InputError(
        f"The rest pose {whose}",
        wrong.clause,
        f"a person who stands upright ({advice} and press Current Pose Is My Rest); clips are made for people, "
        "not for animals and machines",
    )


def _rise(joints: dict[str, Array], up: Array, side: str) -> float:
    """How much higher the hips are on a straight leg of that side, armature units; 0 if it is as good as straight at rest."""
    hip, knee, ankle = (joints[f"{side}_{part}"] for part in ("hip", "knee", "ankle"))
    length = float(np.linalg.norm(knee - hip) + np.linalg.norm(ankle - knee))
    height = float((standing.middle(joints, "hip") - ankle) @ up)
    return length - height if height < _STRAIGHT * length else 0.0


def _near(soles: float, ground: float, leg: float) -> bool:
    """Whether soles are on the ground, for a leg of that length."""
    return -_SOLE / 4 < (soles - ground) / leg < _SOLE


def _joints(rest: RestPose, bone_map: BoneMap) -> dict[str, Array]:
    return {slot: rest.rig.heads[rest.rig.index[bones[0]]] for slot, bones in bone_map.slots.items() if bones}


def as_rest(rest: RestPose, stance: ArmaturePose) -> RestPose:
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


def _wire(joints: dict[str, Array], place: Place | None) -> Array:
    """[4]: left along the hips, up along the body.

    Up is the armature's axis that the body is nearest to, also if it leans, crouches or stands with one foot ahead. Only a
    figure that lies askew in its data and stands upright in the world was turned: there up is the world's.
    """
    lean = _unit(np.sum(_leaning(joints), axis=0))
    axis = np.argmax(np.abs(lean))
    up = np.eye(3)[axis] * np.sign(lean[axis])
    if place is not None and place.up @ lean > max(_LEANT, abs(lean[axis])) and place.up @ up < _LEANT:
        up = place.up
    elif abs(lean[axis]) < _NEAR:
        up = lean
    left = joints["left_hip"] - joints["right_hip"]
    return quaternions.from_frame(_unit(left - up * (left @ up)), up)


def _upright(
    stands: RestPose, bone_map: BoneMap, joints: dict[str, Array], wire: Array
) -> tuple[RestPose, dict[str, Array], dict[str, Array]]:
    """The stance, its joints and the alignment of feet; a body that leans as a whole, about its ankles, is set upright.

    Whose legs and trunk lean the same way, and clearly, would fall: no posture, but the way its data came to be. Feet that are
    flatter as they rest stay so.
    """
    up = quaternions.rotate(wire, (0.0, 1.0, 0.0))
    legs, trunk = _leaning(joints)
    usual = quaternions.rotate(wire, _unit(np.sum(_leaning(dict(zip(JOINTS, rest_positions(), strict=True))), axis=0)))
    lean = _unit(legs + trunk)
    if legs @ trunk < _ALONG or max(legs @ up, trunk @ up) > _LEANT or lean @ usual > _LEANT:
        return stands, joints, {}
    turn = quaternions.between(lean, usual)
    pivot = standing.middle(joints, "ankle")
    heads, tails = (pivot + quaternions.rotate(turn, points - pivot) for points in (stands.rig.heads, stands.rig.tails))
    raised = dataclasses.replace(
        stands,
        rig=dataclasses.replace(stands.rig, heads=heads, tails=tails),
        rotations=quaternions.multiply(turn, stands.rotations),
    )
    feet: dict[str, Array] = {}
    for side in SIDES:
        if f"{side}_foot" in joints:
            along = _unit(joints[f"{side}_foot"] - joints[f"{side}_ankle"])
            sole = quaternions.rotate(wire, _unit(_offset(f"{side}_ankle", f"{side}_foot")))
            if abs((along - sole) @ up) < abs((quaternions.rotate(turn, along) - sole) @ up):
                feet |= {f"{side}_{part}": quaternions.inverse(turn) for part in ("ankle", "foot")}
    return raised, _joints(raised, bone_map), feet


def _offset(first: str, second: str) -> Array:
    rest = rest_positions()
    return np.asarray(rest[INDEX[second]] - rest[INDEX[first]])


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
