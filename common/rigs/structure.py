"""A body found without its names: two legs that reach away from the arms, arms, a head, and toes that tell left from right."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from ..motion.skeleton import INDEX, rest_positions
from . import limbs, symmetry
from .presets import word
from .rig import Rig

Array = NDArray[np.float64]
Pair = tuple[symmetry.Limb, symmetry.Limb]

_STEEP, _FINGERS = 0.6, 1.0
_SURE = 0.04
_HEAD_M = 0.27
"""How far above the shoulders a canonical body's head may begin; hair and hats begin higher."""
_NECK_M = 0.1
"""The same for a neck's last bone."""
_RISE = 0.6


@dataclasses.dataclass(frozen=True)
class Body:
    """legs, arms: mirror pairs. up: [3], unit. hips, shoulders: [3], the middle between the limbs' beginnings."""

    legs: Pair
    arms: Pair
    up: Array
    hips: Array
    shoulders: Array
    plane: symmetry.Plane


def by_place(rig: Rig, found: dict[str, int], used: Collection[int]) -> dict[str, int]:
    """Slot -> bone of a rig that stands like a human, in any unit and orientation; empty if it does not.

    Slots that are in `found` decide what is left if they know both sides. Of several figures in one armature, the one of most
    bones is meant.
    """
    result = _figure(rig, found)
    trees = _trees(rig)
    for tree in [] if result or len(trees) == 1 else sorted(trees, key=len, reverse=True):
        place = {bone: at for at, bone in enumerate(tree)}
        names, parents = (rig.names[bone] for bone in tree), (place.get(rig.parents[bone], -1) for bone in tree)
        part = Rig(tuple(names), tuple(parents), rig.heads[tree], rig.tails[tree])
        alone = _figure(part, {slot: place[bone] for slot, bone in found.items() if bone in place})
        if alone:
            return {slot: tree[bone] for slot, bone in alone.items()}
    return result


def _trees(rig: Rig) -> list[list[int]]:
    """The bones below each bone without a parent, parents first."""
    trees: dict[int, list[int]] = {}
    for bone in range(len(rig.names)):
        trees.setdefault((bone, *rig.ancestors(bone))[-1], []).append(bone)
    return list(trees.values())


def _figure(rig: Rig, found: dict[str, int]) -> dict[str, int]:
    plane = symmetry.plane_of(rig)
    body = _body(rig, plane) if plane else None
    if body is None:
        return {}
    slots: dict[int, dict[str, int]] = {}
    for at in (0, 1):
        slots[at] = limbs.leg(rig, body.legs[at].bones, body.up, body.plane) | limbs.arm(rig, body.arms[at].bones)
    left = _left(rig, body, slots, found)
    result = {f"left_{part}": bone for part, bone in slots[left].items()}
    result |= {f"right_{part}": bone for part, bone in slots[1 - left].items()}
    head = _head(rig, body)
    return result if head is None else result | {"head": head}


def _body(rig: Rig, plane: symmetry.Plane) -> Body | None:
    """The two pairs of limbs that make the best legs and arms."""
    found = [pair for pair in symmetry.pairs(rig, plane) if _bones(pair) >= 2]  # an arm may have no hand
    best: tuple[float, Body | None] = (0.0, None)
    for legs in (pair for pair in found if _bones(pair) >= 3):
        for arms in found:
            if legs is not arms:
                best = max(best, _judged(rig, legs, arms, plane), key=lambda entry: entry[0])
    return best[1]


def _bones(pair: Pair) -> int:
    return min(len(limb.bones) for limb in pair)


def _judged(rig: Rig, legs: Pair, arms: Pair, plane: symmetry.Plane) -> tuple[float, Body | None]:
    """How well two pairs serve as legs and arms: legs reach away from the arms, in any pose of the arms; 0 if they do not."""
    hips, shoulders = _middle(rig, legs, plane), _middle(rig, arms, plane)
    trunk = float(np.linalg.norm(shoulders - hips))
    if trunk < 3 * plane.near:
        return 0.0, None
    up = (shoulders - hips) / trunk
    ends = np.mean([rig.heads[limb.bones[-1]] for limb in legs], axis=0)
    ends = ends - plane.side(ends) * plane.normal
    low, length = float((hips - ends) @ up), float(np.linalg.norm(hips - ends))
    arm = _length(rig, arms[0])
    if low < _STEEP * length or low < 0.3 * trunk or arm < 0.3 * trunk:
        return 0.0, None
    # A skirt or a coat hangs like legs but ends above the feet; wings and hair hang like arms but have no hands.
    worth = low + 0.5 * min(arm, 1.5 * trunk) + (_FINGERS * trunk if limbs.hand(rig, arms[0].bones) else 0.0)
    return worth, Body(legs, arms, up, hips, shoulders, plane)


def _middle(rig: Rig, pair: Pair, plane: symmetry.Plane) -> Array:
    """[3]: where a pair begins, on the plane; a first bone that begins in the middle only carries the limb."""
    heads = np.array([rig.heads[list(both)] for both in zip(pair[0].bones, pair[1].bones, strict=False)])
    off = np.abs(plane.side(heads)).min(axis=1) > plane.near
    return np.asarray(heads[int(np.argmax(off))].mean(axis=0))


def _length(rig: Rig, limb: symmetry.Limb) -> float:
    return float(np.linalg.norm(np.diff(rig.heads[list(limb.bones)], axis=0), axis=1).sum())


def _left(rig: Rig, body: Body, slots: dict[int, dict[str, int]], found: dict[str, int]) -> int:
    """0 or 1: which limbs of the pairs are the left ones: known slots tell, then names, then toes, knees and elbows."""
    votes = 0
    for at in (0, 1):
        sign = 1 - 2 * at
        for part, bone in slots[at].items():
            votes += sign * ((found.get(f"left_{part}") == bone) - (found.get(f"right_{part}") == bone)) * 10
            side = word(rig.names[bone])[0]
            votes += sign * ((side == "left") - (side == "right"))
    if votes:
        return 0 if votes > 0 else 1
    left = np.cross(body.up, _ahead(rig, body, slots))
    return 0 if left @ body.plane.normal > 0 else 1


def _ahead(rig: Rig, body: Body, slots: dict[int, dict[str, int]]) -> Array:
    """[3]: toes point ahead; where there are none, knees bend ahead and elbows back; else as Blender or glTF has it."""
    across = np.cross(body.plane.normal, body.up)
    size = float(np.linalg.norm(body.hips - body.shoulders))
    toes, knees, elbows = 0.0, 0.0, 0.0
    for at in (0, 1):
        heads = {part: rig.heads[bone] for part, bone in slots[at].items()}
        beyond = body.legs[at].bones[-1]
        toes += float((rig.heads[beyond] - heads["ankle"]) @ across)
        toes += 0.5 * float((rig.tails[beyond] - rig.heads[beyond]) @ across) if beyond == slots[at]["ankle"] else 0.0
        knees += float(_bulge(heads["hip"], heads["knee"], heads["ankle"]) @ across)
        if "wrist" in heads:
            elbows -= float(_bulge(heads["shoulder"], heads["elbow"], heads["wrist"]) @ across)
    for told, sure in ((toes, 4 * _SURE), (knees, _SURE), (elbows, _SURE)):
        if abs(told) > sure * size:
            return across * np.sign(told)
    usual = np.array([0.0, -1.0, 0.0]) if abs(body.up[2]) > abs(body.up[1]) else np.array([0.0, 0.0, 1.0])
    return across * (np.sign(across @ usual) or 1.0)


def _bulge(begin: Array, middle: Array, end: Array) -> Array:
    """[3]: how far a hinge is off the straight line."""
    along = (end - begin) / max(float(np.linalg.norm(end - begin)), 1e-12)
    return np.asarray(middle - begin - ((middle - begin) @ along) * along)


def _head(rig: Rig, body: Body) -> int | None:
    """The bone in the middle above the arms that carries face and hair, or the last before they begin."""
    trunk = float(np.linalg.norm(body.shoulders - body.hips))
    rest = rest_positions()
    size = max(
        trunk / float(rest[INDEX["left_shoulder"], 1] - rest[INDEX["left_hip"], 1]),
        _length(rig, body.legs[0]) / float(rest[INDEX["left_hip"], 1]),
    )
    above = float(body.shoulders @ body.up)
    top, low = above + _HEAD_M * size, above + _NECK_M * size
    way: Sequence[int] = [body.arms[0].parent] if body.arms[0].parent >= 0 else []
    found: list[int] = []
    while way:
        rising = [bone for bone in rig.children[way[-1]] if _rises(rig, body, way[-1], bone, low, top)]
        if not rising or (found and len(rig.children[way[-1]]) > 1 and rig.heads[way[-1]] @ body.up > low):
            break  # jaw, eyes and hair begin at a head
        found.append(max(rising, key=lambda bone: _highest(rig, bone, body.up)))
        way = found
    return found[-1] if found else None


def _rises(rig: Rig, body: Body, above: int, bone: int, low: float, top: float) -> bool:
    """Whether a bone leads on towards the head from the one above it in the hierarchy."""
    before, height = rig.heads[[above, bone]] @ body.up
    near = body.plane.near
    step = float(np.linalg.norm(rig.heads[bone] - rig.heads[above]))
    if step < 0.1 * near or abs(body.plane.side(rig.heads[bone])) > near:
        return False
    if before > low and height - before < _RISE * step:  # a neck rises, a face is ahead
        return False
    return bool(max(before - near, body.shoulders @ body.up - 5 * near) < height <= top)


def _highest(rig: Rig, bone: int, up: Array) -> float:
    below = [bone]
    for other in below:
        below += rig.children[other]
    return float((rig.heads[below] @ up).max()) + 1e-3 * len(below)
