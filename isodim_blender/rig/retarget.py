"""A clip on the canonical skeleton -> what a rig's bones do in armature space; no bpy.

The motion's turn of a joint against the T-pose, V = wire W wire^-1, is put on the bone as it rests: G = V A R, where R is the bone's
rest rotation and A the alignment of its limb with the T-pose (`fit.py`). So a rig in its own T-pose plays what the
canonical skeleton plays, and the pose of the rig's rest gives back that rest, whatever the rolls of its bones.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...common.motion import quaternions
from ...common.motion.motion import Motion
from ...common.motion.skeleton import INDEX, REST_OFFSETS, poses, rest_positions
from ...common.rigs.bone_map import SIDES
from . import sharing
from .fit import Fit
from .rest import ArmaturePose

Array = NDArray[np.float64]

_HIPS = [INDEX[f"{side}_hip"] for side in SIDES]
HIPS_OFFSET = REST_OFFSETS[_HIPS].mean(axis=0)
"""[3] metres: the midpoint of the hip joints from the pelvis, in the T-pose."""
HIPS_REST = rest_positions()[_HIPS].mean(axis=0)
"""[3] metres: that midpoint in the T-pose, the ground at 0."""


def transfer(fit: Fit, motion: Motion) -> ArmaturePose:
    """The pose of all mapped bones, and the pelvis' place, at the frames of `motion`."""
    world = poses(np.asarray(motion.rotations, np.float64), np.asarray(motion.root, np.float64))[0]
    turns = world.copy()
    turns[..., 1:] = quaternions.rotate(fit.wire, world[..., 1:])
    rotations = {bone: turn for slot in _SHARED for bone, turn in _SHARED[slot](fit, turns).items()}
    for slot in fit.bone_map.slots:
        if slot not in _SHARED:
            for bone in fit.bones(slot):
                rotations[bone] = quaternions.multiply(turns[:, INDEX[slot]], fit.base(slot, bone))
    for side in SIDES:
        for part in _NEXT:
            rotations |= _limb(fit, turns, f"{side}_{part}", side, part)
    order = sorted(rotations)
    return ArmaturePose(
        {bone: rotations[bone] for bone in order}, {fit.bones("pelvis")[0]: _pelvis(fit, motion, world)}
    )


def _pelvis(fit: Fit, motion: Motion, world: Array) -> Array:
    """[frame, 3], armature space: the head of the pelvis bone that puts the rig's hips where the clip has them.

    The hips' midpoint is what both skeletons share: a pelvis bone begins wherever its maker liked.
    """
    hips = motion.root + quaternions.rotate(world[:, INDEX["pelvis"]], HIPS_OFFSET)
    middle = fit.stood + fit.scale * quaternions.rotate(fit.wire, hips - HIPS_REST)
    turn = world[:, INDEX["pelvis"]].copy()
    turn[:, 1:] = quaternions.rotate(fit.wire, turn[:, 1:])
    head = fit.stance.rig.heads[fit.bones("pelvis")[0]]
    return middle - quaternions.rotate(turn, fit.hips - head)


def _spine(fit: Fit, turns: Array) -> dict[int, Array]:
    bones = fit.bones("spine")
    if not bones:
        return {}
    places = sharing.arc(fit.stance.rig.heads[list(bones)])
    spine = turns[:, [INDEX["spine1"], INDEX["spine2"], INDEX["spine3"]]]
    return _put(fit, "spine", bones, sharing.spread_spine(spine, places))


def _neck(fit: Fit, turns: Array) -> dict[int, Array]:
    """The last bone of the neck turns as the canonical neck, those before it part of the way from the chest."""
    bones = fit.bones("neck")
    chest, neck = turns[:, INDEX["spine3"]], turns[:, INDEX["neck"]]
    amounts = [(place + 1) / len(bones) for place in range(len(bones))]
    shared = [quaternions.slerp(chest, neck, np.full(len(turns), amount)) for amount in amounts]
    return _put(fit, "neck", bones, np.stack(shared, axis=1)) if bones else {}


def _put(fit: Fit, slot: str, bones: tuple[int, ...], turns: Array) -> dict[int, Array]:
    return {
        bone: quaternions.multiply(turns[:, place], fit.base(slot, bone)) for place, bone in enumerate(bones)
    }  # fmt: skip


_SHARED = {"spine": _spine, "neck": _neck}
_NEXT = {"shoulder": "elbow", "hip": "knee", "elbow": "wrist"}


def _limb(fit: Fit, turns: Array, slot: str, side: str, part: str) -> dict[int, Array]:
    """The bones that share a limb's twist: later segments of the chain, and twist bones beside it.

    An upper arm or a thigh begins untwisted against the trunk and ends with its full twist; a forearm begins with none of the
    hand's twist and takes more of it towards the wrist.
    """
    chain = fit.bones(slot)
    beside = tuple(fit.rest.rig.index[name] for name in fit.bone_map.twists.get(slot, ()))
    if not chain or len(chain) + len(beside) < 2:
        return {}
    joint = INDEX[slot]
    end = INDEX[f"{side}_{_NEXT[part]}"]
    axis = quaternions.rotate(fit.wire, REST_OFFSETS[end] / np.linalg.norm(REST_OFFSETS[end]))
    above = {"shoulder": INDEX[f"{side}_collar"], "hip": INDEX["pelvis"], "elbow": joint}[part]
    below = end if part == "elbow" else joint
    turn = quaternions.multiply(quaternions.inverse(turns[:, above]), turns[:, below])
    twist = sharing.twist_angle(quaternions.continuous(turn), axis) - _rest_twist(fit, slot, part, axis)
    twist -= 2 * np.pi * np.round(twist[0] / (2 * np.pi))
    untwisted = turns[:, joint]
    if part != "elbow":
        untwisted = quaternions.multiply(untwisted, quaternions.about(axis, -twist))
    count = len(chain)
    share = {bone: (place if part == "elbow" else place + 1) / count for place, bone in enumerate(chain)}
    share |= {bone: _along(fit, chain, slot, bone) for bone in beside}
    return {
        bone: quaternions.multiply(
            quaternions.multiply(untwisted, quaternions.about(axis, amount * twist)), fit.base(slot, bone)
        )
        for bone, amount in share.items()
    }


def _rest_twist(fit: Fit, slot: str, part: str, axis: Array) -> float:
    """rad: the twist of a limb in the clip that shows the rig's rest; a limb whose hinge rests turned has some."""
    turn = fit.alignment.get(slot)
    if part == "elbow" or turn is None:
        return 0.0
    return float(sharing.twist_angle(quaternions.inverse(turn)[None], axis)[0])


def _along(fit: Fit, chain: tuple[int, ...], slot: str, bone: int) -> float:
    """Where a twist bone begins on its limb, 0 to 1."""
    side, _, part = slot.rpartition("_")
    heads = fit.stance.rig.heads
    after = fit.bones(f"{side}_{_NEXT[part]}")
    limb = (heads[after[0]] if after else fit.stance.rig.tails[chain[-1]]) - heads[chain[0]]
    return float(np.clip((heads[bone] - heads[chain[0]]) @ limb / max(limb @ limb, 1e-12), 0.0, 1.0))
