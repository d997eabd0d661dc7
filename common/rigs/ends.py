"""Where limbs end: feet and hands that hang elsewhere and are brought there by IK, ends that exporters put on, collars and balls of feet."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np
from numpy.typing import NDArray

from . import chains
from .bone_map import SIDES, title
from .names import is_end
from .rig import Rig
from .spelled import meanings

_LEAVES = (("a leg", "knee", "ankle", "foot"), ("an arm", "elbow", "wrist", None))
"""A limb, the bone before its end, the end, and what hangs on it."""
_ALONG = np.cos(np.radians(20.0))
_BALL, _NAMED_BALL = 0.6, 0.45
"""Of the way ahead from the ankle to the last bone: where a ball of the foot begins, and one whose name says so."""
_COLLAR, _ALIKE = 0.8, 0.6
"""A collar is shorter than that part of its upper arm, which is at least that part of the forearm, and the other way round."""


def mended(rig: Rig, first: dict[str, int], told: Collection[str], notes: list[str]) -> set[str]:
    """Puts `first`, slot -> bone, right at the limbs' ends; gives the slots that are changed. told: slots to leave alone."""
    before = dict(first)
    for side in SIDES:
        for limb, above, end, after in _LEAVES:
            last, slot = f"{side}_{above}", f"{side}_{end}"
            if last in first and slot not in told:
                found = _detached(rig, first[last], first.get(slot), first.values())
                if found is not None:
                    if slot in first:
                        names = rig.names[first[slot]], rig.names[found]
                        notes.append(f"{names[0]} only ends {limb}, so {names[1]} is the {title(slot)}.")
                    first[slot] = found
                    if after is not None and f"{side}_{after}" not in told:
                        first.pop(f"{side}_{after}", None)
        _ball(rig, first, side, told)
        _collar(rig, first, side, told)
    return {slot for slot in {*before, *first} if before.get(slot) != first.get(slot)}


def is_end_of(rig: Rig, bone: int) -> bool:
    """Whether a bone is an end that an exporter put on: nothing hangs on it and its name says so."""
    return not rig.children[bone] and is_end(rig.names[bone])


def _detached(rig: Rig, above: int, current: int | None, used: Collection[int]) -> int | None:
    """The foot or hand that begins where the limb's bone `above` ends without hanging on it; None if `current` is one."""
    if current is not None and rig.children[current]:
        return None
    found = [
        bone
        for bone in range(len(rig.names))
        if bone not in used
        and not is_end_of(rig, bone)
        and above not in rig.ancestors(bone)
        and rig.follows(bone, above)
    ]
    found.sort(key=lambda bone: (not _skinned(rig, bone, True), rig.goals.get(above) != bone))
    return next((bone for bone in found if _proven(rig, above, current)(bone)), None)


def _proven(rig: Rig, above: int, current: int | None) -> Callable[[int], bool]:
    """Whether another bone is the limb's end rather than `current`: names, skin, or IK and where they point tell."""
    if current is not None and is_end_of(rig, current):
        return lambda bone: True
    if current is None:
        return lambda bone: rig.goals.get(above) == bone or _skinned(rig, bone, False)
    if (skinned := rig.skinned) is not None:
        return lambda bone: bone in skinned and current not in skinned
    points_on = _cosine(_along(rig, above), _along(rig, current)) > _ALONG
    return lambda bone: (
        points_on and rig.goals.get(above) == bone and _cosine(_along(rig, above), _along(rig, bone)) < _ALONG
    )


def _skinned(rig: Rig, bone: int, unknown: bool) -> bool:
    return unknown if rig.skinned is None else bone in rig.skinned


def _ball(rig: Rig, first: dict[str, int], side: str, told: Collection[str]) -> None:
    """The end of a foot is not its toes: these begin at the ball, in the bone before; a foot that has none ends without toes."""
    toes, ankle = f"{side}_foot", f"{side}_ankle"
    if toes not in first or toes in told or ankle not in first or rig.children[first[toes]]:
        return
    between = chains.between(rig, first[ankle], first[toes]) or []
    if is_end(rig.names[first[toes]]):
        del first[toes]
        if between and between[-1] not in first.values():
            first[toes] = between[-1]
        return
    way = rig.heads[[*between, first[toes]]] - rig.heads[first[ankle]]
    reach = np.linalg.norm(way, axis=1) / max(float(np.linalg.norm(way[-1])), 1e-12)
    for bone, share in zip(between, reach, strict=False):
        named = "foot" in meanings(rig)[bone][1]
        if bone not in first.values() and share > (_NAMED_BALL if named else _BALL):
            first[toes] = bone
            return


def _collar(rig: Rig, first: dict[str, int], side: str, told: Collection[str]) -> None:
    """A bone called shoulder that carries the whole upper arm is the collar."""
    collar, shoulder, elbow, wrist = (f"{side}_{part}" for part in ("collar", "shoulder", "elbow", "wrist"))
    if collar in first or not {shoulder, elbow, wrist} <= first.keys() or {collar, shoulder} & set(told):
        return
    middle = chains.between(rig, first[shoulder], first[elbow])
    if (
        not middle
        or "collar" not in meanings(rig)[first[shoulder]][1]
        or any(chains.twisting(rig.names[b]) for b in middle)
    ):
        return
    heads = rig.heads[[first[shoulder], middle[0], first[elbow], first[wrist]]]
    before, upper, lower = np.linalg.norm(np.diff(heads, axis=0), axis=1)
    if before < _COLLAR * upper and _ALIKE * lower < upper < lower / _ALIKE:
        first[collar], first[shoulder] = first[shoulder], middle[0]


def _along(rig: Rig, bone: int) -> NDArray[np.float64]:
    return np.asarray(rig.tails[bone] - rig.heads[bone])


def _cosine(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return float(one @ other / max(float(np.linalg.norm(one) * np.linalg.norm(other)), 1e-12))
