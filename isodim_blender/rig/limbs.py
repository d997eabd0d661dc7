"""A rig's limbs in the figure's own metres (the wire's axes, the ground at 0), and turns of limbs put back on its bones; no bpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...common.motion import quaternions
from ...common.motion.feet.two_bone import reach
from ...common.rigs.bone_map import SIDES
from .fit import ELBOW_AXIS, KNEE_AXIS, Fit
from .kinematics import Kinematics
from .rest import ArmaturePose
from .toes import tip

Array = NDArray[np.float64]

LEG, ARM = ("hip", "knee", "ankle"), ("shoulder", "elbow", "wrist")
_TOES_AHEAD_M, _LONGEST_M = 0.13, 0.4


def places(fit: Fit, found: Kinematics, slots: list[str]) -> Array:
    """[frame, slot, 3] metres: where each slot's first bone begins."""
    return _metres(fit, found.heads(fit.bones(slot)[0] for slot in slots))


def toes(fit: Fit, found: Kinematics, side: str) -> Array:
    """[frame, 3] metres: where the toes begin; of a foot without toes, which cannot bend, the end of its sole."""
    if fit.bones(f"{side}_foot"):
        return places(fit, found, [f"{side}_foot"])[:, 0]
    ankle = fit.bones(f"{side}_ankle")[0]
    turn = quaternions.multiply(found.rotation(ankle), quaternions.inverse(fit.stance.rotations[ankle]))
    along = float((tip(fit, side) - fit.stance.rig.heads[ankle]) @ quaternions.rotate(fit.wire, (0.0, 0.0, 1.0)))
    ahead = np.array([0.0, -soles(fit, side)[0], np.clip(along / fit.scale, _TOES_AHEAD_M, _LONGEST_M)])
    return places(fit, found, [f"{side}_ankle"])[:, 0] + quaternions.rotate(_in_wire(fit, turn), ahead)


def soles(fit: Fit, side: str) -> tuple[float, float]:
    """Metres: the heights of ankle and toes above the ground when the foot is flat, as the rig stands.

    The lower of both sides: who rests in the middle of a step has one foot lifted.
    """
    ankle, *toes = (
        min(
            float(fit.stance.rig.heads[bone] @ fit.up - fit.soles) / fit.scale
            for either in SIDES
            for bone in fit.bones(f"{either}_{part}")[:1]
        )
        for part in ("ankle", "foot")
        if fit.bones(f"{side}_{part}")
    )
    return ankle, toes[0] if toes else 0.0


def shifted(fit: Fit, pose: ArmaturePose, shift: Array) -> ArmaturePose:
    """The pose moved as a whole by `shift` [frame, 3] metres."""
    way = fit.scale * quaternions.rotate(fit.wire, shift)
    return ArmaturePose(pose.rotations, {bone: head + way for bone, head in pose.heads.items()})


def reaching(fit: Fit, pose: ArmaturePose, joints: tuple[str, str, str], ends: dict[str, Array]) -> ArmaturePose:
    """The pose with the ends of limbs at `ends`, side -> [frame, 3] metres; `joints` is LEG or ARM.

    Hinges keep their planes; a straight limb bends as the canonical one would. What hangs on a limb's end keeps its
    rotation in armature space. Later segments of a limb and its twist bones turn with it.
    """
    found = Kinematics(fit.rest, pose)
    sides = list(ends)
    slots = [f"{side}_{joint}" for side in sides for joint in joints]
    limbs = places(fit, found, slots).reshape(-1, len(sides), 3, 3)
    axes = np.stack([_hinge(fit, found, side, joints[0]) for side in sides], axis=1)
    turns = reach(limbs, axes, np.stack([ends[side] for side in sides], axis=1))
    rotations = dict(pose.rotations)
    for joint, turn in zip(joints, turns, strict=False):
        turn[..., 1:] = quaternions.rotate(fit.wire, turn[..., 1:])
        for number, side in enumerate(sides):
            for bone in _with_twists(fit, f"{side}_{joint}"):
                rotations[bone] = quaternions.multiply(turn[:, number], found.rotation(bone))
    return ArmaturePose(rotations, pose.heads)


def _with_twists(fit: Fit, slot: str) -> list[int]:
    """The bones that turn with a limb: those of the slot, and the twist bones that the pose would else leave behind."""
    return [*fit.bones(slot), *(fit.rest.rig.index[name] for name in fit.bone_map.twists.get(slot, ()))]


def _hinge(fit: Fit, found: Kinematics, side: str, joint: str) -> Array:
    """[frame, 3], wire's axes: about which the limb's lower bone bends forward, by the turn of its upper one."""
    slot = f"{side}_{joint}"
    bone = fit.bones(slot)[-1]  # the last segment has the whole twist
    turn = quaternions.multiply(found.rotation(bone), quaternions.inverse(fit.base(slot, bone)))
    return quaternions.rotate(_in_wire(fit, turn), KNEE_AXIS if joint == "hip" else ELBOW_AXIS[side])


def _in_wire(fit: Fit, turn: Array) -> Array:
    turn = np.array(turn)
    turn[..., 1:] = quaternions.rotate(quaternions.inverse(fit.wire), turn[..., 1:])
    return turn


def _metres(fit: Fit, points: Array) -> Array:
    return (quaternions.rotate(quaternions.inverse(fit.wire), points) - (0.0, fit.floor, 0.0)) / fit.scale
