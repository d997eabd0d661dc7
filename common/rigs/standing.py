"""Whether mapped joints stand as a person does: what a rest pose must be for a clip to fit it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from .bone_map import REQUIRED, SIDES, title

Array = NDArray[np.float64]
Joints = Mapping[str, Array]
"""Slot -> [3], where its first bone begins, in any unit."""

_TINY = 1e-4
"""Of the body's size: a limb that is shorter has no direction."""
_STRETCHED = 0.75
"""Of the length of thigh and shin: between hip and ankle of a leg that stands; of one that sits or kneels it is less."""
_LIFTED = 0.2
"""Of the same length: how much higher one ankle may be than the other; in the middle of a step it is less."""
_BENT, _TILTED = np.cos(np.radians((40.0, 45.0)))
"""A trunk that is bent further against the legs, or a body that is tilted further against the vertical, does not stand."""
_BEHIND = -0.4
"""Cosine between a foot and where the body looks: of feet that stand it is above 0, of toes that hang straight down about 0."""
_DOWN = 0.5
"""Of an arm's length: how far a foreleg reaches down."""


@dataclasses.dataclass(frozen=True)
class Fault:
    """Why joints do not stand: a clause such as "lying". animal: whether the body, not only its pose, is none of a person.

    laid: whether turning the whole of it would do. exchanged: whether left and right may be the wrong way round.
    """

    clause: str
    animal: bool = False
    laid: bool = False
    exchanged: bool = False


def fault(joints: Joints, up: Array | None = None) -> Fault | None:
    """What keeps `joints` from standing; None if they do.

    joints: those of `REQUIRED`, hands and toes if there are any. up: [3], unit, where the ground is not; None leaves it out.
    """
    if (wrong := _measured(joints)) is not None:
        return wrong
    hips, ankles, shoulders = (middle(joints, part) for part in ("hip", "ankle", "shoulder"))
    legs, trunk = _unit(hips - ankles), _unit(shoulders - hips)
    if (wrong := _on_both_legs(joints, _unit(legs + trunk))) is not None:
        return wrong
    if legs @ trunk < _BENT:
        across = legs @ trunk > -_BENT and (up is None or legs @ up > _TILTED)
        return _level(joints, legs) if across else Fault("folded up, shoulders or hips not above the feet")
    if up is not None and (tilt := _unit(legs + trunk) @ up) < _TILTED:
        return Fault("upside down" if tilt < -_TILTED else "lying", laid=True)
    if _toes_behind(joints, legs + trunk):
        return Fault("one whose toes point behind it", exchanged=True)
    return None


def middle(joints: Joints, part: str) -> Array:
    """[3]: halfway between the left and the right joint of a part."""
    return np.asarray(np.mean([joints[f"{side}_{part}"] for side in SIDES], axis=0))


def _measured(joints: Joints) -> Fault | None:
    """What is no number or no length."""
    places = np.array([joints[slot] for slot in REQUIRED])
    if not np.isfinite(places).all():
        return Fault("not made of numbers")
    size = float(np.linalg.norm(np.ptp(places, axis=0)))
    for first, second in _limbs():
        if np.linalg.norm(joints[second] - joints[first]) <= _TINY * size:
            return Fault(f"without a length of the {title(first)}")
    for above, below in (("hip", "ankle"), ("shoulder", "hip")):
        if np.linalg.norm(middle(joints, above) - middle(joints, below)) <= _TINY * size:
            return Fault(f"folded up, {above}s and {below}s in one place")
    apart = {part: np.linalg.norm(joints[f"left_{part}"] - joints[f"right_{part}"]) for part in ("hip", "shoulder")}
    if min(apart.values()) <= _TINY * size:
        return Fault("flat, left and right in one place")
    return None


def _on_both_legs(joints: Joints, along: Array) -> Fault | None:
    """The fault of legs that are not stretched below the body, which goes up `along` [3], unit."""
    if np.linalg.norm(middle(joints, "hip") - middle(joints, "ankle")) < _STRETCHED * _leg(joints):
        return Fault("sitting, kneeling or with its legs apart")
    if abs((joints["left_ankle"] - joints["right_ankle"]) @ along) > _LIFTED * _leg(joints):
        return Fault("on one leg, the other lifted")
    return None


def _toes_behind(joints: Joints, up: Array) -> bool:
    """Whether both feet point away from where the body looks, which its left side tells: sides are exchanged, or feet are turned."""
    if not all(f"{side}_foot" in joints for side in SIDES):
        return False
    ahead = _unit(np.cross(joints["left_hip"] - joints["right_hip"], up))
    feet = [_unit(joints[f"{side}_foot"] - joints[f"{side}_ankle"]) @ ahead for side in SIDES]
    return bool(max(feet) < _BEHIND)


def _limbs() -> Iterator[tuple[str, str]]:
    for side in SIDES:
        for first, second in (("hip", "knee"), ("knee", "ankle"), ("shoulder", "elbow")):
            yield f"{side}_{first}", f"{side}_{second}"


def _level(joints: Joints, legs: Array) -> Fault:
    """The fault of a trunk across upright legs: four feet, or a person or a bird that bows."""
    arms = []
    for side in SIDES:
        shoulder, elbow = joints[f"{side}_shoulder"], joints[f"{side}_elbow"]
        end = joints.get(f"{side}_wrist", elbow)
        length = np.linalg.norm(elbow - shoulder) + np.linalg.norm(end - elbow)
        arms.append((shoulder - end) @ legs > _DOWN * length)
    if all(arms):
        return Fault("on four feet", animal=True)
    return Fault("bent over, its trunk across its legs")


def _leg(joints: Joints) -> float:
    return float(
        np.mean(
            [
                np.linalg.norm(joints[f"{side}_{second}"] - joints[f"{side}_{first}"])
                for side in SIDES
                for first, second in (("hip", "knee"), ("knee", "ankle"))
            ]
        )
        * 2
    )


def _unit(vector: Array) -> Array:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12))
