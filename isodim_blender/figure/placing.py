"""Where the mannequin's parts are on a rig of any proportions: one placement a joint, from how the rig fits the T-pose."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from ...common.motion import quaternions
from ...common.motion.skeleton import INDEX, JOINTS, rest_positions
from ...common.rigs.bone_map import BoneMap
from ..rig import axes
from ..rig.fit import Fit

Array = NDArray[np.float64]

ISODIM = BoneMap(
    {name: (name,) for name in JOINTS if not name.startswith("spine")} | {"spine": ("spine1", "spine2", "spine3")}
)
"""The bones of the IsoDiM figure."""
_REST = rest_positions()
_ALONG = {"shoulder": "elbow", "elbow": "wrist", "hip": "knee", "knee": "ankle"}
_AXIS = {"shoulder": 0, "elbow": 0, "hip": 2, "knee": 2}


@dataclasses.dataclass(frozen=True)
class Placement:
    """bone: whom the part moves with. origin: [3], armature space, where its joint is at rest. rotation: [4], from Blender's
    axes in the T-pose to armature space at rest. scale: [3], armature units a metre along the part's own axes."""

    bone: str
    origin: Array
    rotation: Array
    scale: Array


def placements(fit: Fit) -> dict[str, Placement]:
    """Joint -> placement, of the joints that the rig has."""
    found = {}
    from_blender = quaternions.multiply(fit.wire, quaternions.from_matrix(axes.BLENDER_FROM_WIRE.T))
    heads = {slot: fit.rest.rig.heads[fit.bones(slot)[0]] for slot in fit.bone_map.slots if fit.bones(slot)}
    for joint in JOINTS:
        bone = _bone(fit, joint)
        if bone is None:
            continue
        turn = fit.alignment.get(joint)
        rotation = from_blender if turn is None else quaternions.multiply(quaternions.inverse(turn), from_blender)
        found[joint] = Placement(
            fit.rest.rig.names[bone], _origin(fit, joint, heads), rotation, _scale(fit, joint, heads)
        )
    return found


def _bone(fit: Fit, joint: str) -> int | None:
    """Of the spine the one that is as far along it as the joint."""
    if not joint.startswith("spine"):
        bones = fit.bones(joint)
        return bones[0] if bones else None
    chain = fit.bones("spine")
    amount = {"spine1": 0.0, "spine2": 0.5, "spine3": 1.0}[joint]
    return chain[round(amount * (len(chain) - 1))] if chain else fit.bones("pelvis")[0]


def _size(fit: Fit, heads: dict[str, Array]) -> float:
    """Armature units a metre of the trunk: the height of the shoulders above the hips."""
    above = _middle(heads, "shoulder") - _middle(heads, "hip")
    return float(above @ fit.up / (_canonical("shoulder") - _canonical("hip"))[1])


def _origin(fit: Fit, joint: str, heads: dict[str, Array]) -> Array:
    side, _, part = joint.rpartition("_")
    if part == "collar":  # a collar bone may begin at the spine; the flesh is at the shoulder
        end = f"{side}_shoulder"
        inwards = (_REST[INDEX[joint]] - _REST[INDEX[end]]) * _size(fit, heads)
        return heads[end] + quaternions.rotate(fit.wire, inwards)
    if joint in heads and joint != "pelvis":
        return heads[joint]
    from_hips = (_REST[INDEX[joint]] - _canonical("hip")) * _size(fit, heads)
    return _middle(heads, "hip") + quaternions.rotate(fit.wire, from_hips)


def _scale(fit: Fit, joint: str, heads: dict[str, Array]) -> Array:
    size = _size(fit, heads)
    scale = np.full(3, size)
    side, _, part = joint.rpartition("_")
    if part in _AXIS and f"{side}_{_ALONG[part]}" in heads:
        end = f"{side}_{_ALONG[part]}"
        canonical = np.linalg.norm(_REST[INDEX[end]] - _REST[INDEX[joint]])
        scale[_AXIS[part]] = np.linalg.norm(heads[end] - heads[joint]) / canonical
    elif part in ("ankle", "foot"):
        ankle = heads[f"{side}_ankle"]
        scale[2] = (ankle @ fit.up - fit.floor) / _REST[INDEX[f"{side}_ankle"], 1]
        if f"{side}_foot" in heads:
            scale[1] = np.linalg.norm(_flat(fit, heads[f"{side}_foot"] - ankle)) / np.linalg.norm(
                (_REST[INDEX[f"{side}_foot"]] - _REST[INDEX[f"{side}_ankle"]])[[0, 2]]
            )
    elif joint in ("pelvis", "spine3"):
        limb = "hip" if joint == "pelvis" else "shoulder"
        width = np.linalg.norm(heads[f"left_{limb}"] - heads[f"right_{limb}"])
        canonical = np.linalg.norm(_REST[INDEX[f"left_{limb}"]] - _REST[INDEX[f"right_{limb}"]])
        scale[0] = np.sqrt(size * width / canonical)
    return scale


def _flat(fit: Fit, vector: Array) -> Array:
    return vector - fit.up * (vector @ fit.up)


def _middle(heads: dict[str, Array], part: str) -> Array:
    return (heads[f"left_{part}"] + heads[f"right_{part}"]) / 2


def _canonical(part: str) -> Array:
    return (_REST[INDEX[f"left_{part}"]] + _REST[INDEX[f"right_{part}"]]) / 2
