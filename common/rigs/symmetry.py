"""The mirror plane of a body and the limbs on its two sides, from where bones begin; names and tails are not looked at."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
from numpy.typing import NDArray

from .rig import Rig

Array = NDArray[np.float64]

_NEAR = 0.015
"""Of the body's size: what lies so near to its mirror image, or to the plane, is on it."""
_CANDIDATES, _QUERIES, _SISTERS = 12, 150, 24
_ALIKE, _ONE_SIDED = 0.6, 0.9


@dataclasses.dataclass(frozen=True)
class Plane:
    """Points p with p @ normal = offset; normal [3] is unit. near: how far from it is still on it."""

    normal: Array
    offset: float
    near: float

    def side(self, points: Array) -> Array:
        """[...]: signed distances of points [..., 3]."""
        return np.asarray(points @ self.normal - self.offset)

    def reflected(self, points: Array) -> Array:
        """[..., 3]: the mirror images."""
        return np.asarray(points - 2 * self.side(points)[..., None] * self.normal)


@dataclasses.dataclass(frozen=True)
class Limb:
    """bones: the longest way out from the trunk; parent: the trunk's bone it hangs on, -1 if none."""

    bones: tuple[int, ...]
    parent: int


def plane_of(rig: Rig) -> Plane | None:
    """The plane that mirrors most of the rig onto itself, through the middle of two sister bones; None if there is none."""
    points = np.unique(np.round(rig.heads / _size(rig), 4), axis=0) * _size(rig) if _size(rig) else rig.heads
    if len(points) < 8:
        return None
    near = _NEAR * _size(rig)
    best: tuple[float, Plane | None] = (0.0, None)
    for normal, offset in _candidates(rig, near):
        plane = Plane(normal, offset, near)
        best = max(best, (_likeness(plane, points), plane), key=lambda entry: entry[0])
    return best[1] if best[0] >= _ALIKE else None


def pairs(rig: Rig, plane: Plane) -> list[tuple[Limb, Limb]]:
    """Limbs that are each other's mirror image as far as they are, the one on the normal's side first, bone by bone."""
    sides = _limb_roots(rig, plane)
    reach = reaches(rig)
    result = []
    for one in sides[1]:
        ways = [way for other in sides[-1] if (way := _shared_way(rig, plane, reach, one, other))]
        if ways:
            first, second = (tuple(bones) for bones in zip(*max(ways, key=len), strict=True))
            result.append((Limb(first, rig.parents[one]), Limb(second, rig.parents[second[0]])))
    return result


def _shared_way(rig: Rig, plane: Plane, reach: Array, one: int, other: int) -> list[tuple[int, int]]:
    """Pairs of mirrored bones from two first ones outwards, along what reaches farthest on both sides; empty if they differ."""
    way: list[tuple[int, int]] = []
    options = [(one, other)]
    while options:
        ones, others = (rig.heads[list(bones)] for bones in zip(*options, strict=True))
        apart = np.linalg.norm(plane.reflected(ones) - others, axis=1)
        alike = [pair for pair, distance in zip(options, apart, strict=True) if distance < 2 * plane.near]
        if not alike:
            break
        way.append(max(alike, key=lambda pair: min(_out(rig, reach, bone) for bone in pair)))
        options = list(itertools.product(rig.children[way[-1][0]], rig.children[way[-1][1]]))
    return way


def _out(rig: Rig, reach: Array, bone: int) -> float:
    parent = rig.parents[bone]
    return float(reach[bone] + (np.linalg.norm(rig.heads[bone] - rig.heads[parent]) if parent >= 0 else 0.0))


def reaches(rig: Rig) -> Array:
    """[bone]: the length of the longest way from a bone's head to a head below it."""
    reach = np.zeros(len(rig.names))
    for bone in range(len(rig.names) - 1, -1, -1):
        parent = rig.parents[bone]
        if parent >= 0:
            step = float(np.linalg.norm(rig.heads[bone] - rig.heads[parent]))
            reach[parent] = max(reach[parent], step + reach[bone])
    return reach


def _size(rig: Rig) -> float:
    return float(np.linalg.norm(np.ptp(rig.heads, axis=0))) if rig.names else 0.0


def _candidates(rig: Rig, near: float) -> list[tuple[Array, float]]:
    """Planes between sisters that begin or end apart, those that many sisters share first."""
    votes: dict[tuple[float, ...], list[tuple[Array, float, float]]] = {}
    families = [*rig.children, tuple(bone for bone, parent in enumerate(rig.parents) if parent < 0)]
    reach = reaches(rig)
    for family in families:
        largest = sorted(family, key=lambda bone: -reach[bone])[:_SISTERS]
        for place, one in enumerate(largest):
            for other in largest[place + 1 :]:
                for a, b in ((one, other), *zip(rig.children[one][:1], rig.children[other][:1], strict=False)):
                    apart = rig.heads[a] - rig.heads[b]
                    distance = float(np.linalg.norm(apart))
                    if distance > 2 * near:
                        normal = apart / distance
                        normal = normal * np.sign(normal[np.argmax(np.abs(normal))])
                        offset = float((rig.heads[a] + rig.heads[b]) @ normal / 2)
                        key = (*np.round(normal, 2), round(offset / near))
                        votes.setdefault(key, []).append((normal, offset, distance))
    often = sorted(votes.values(), key=lambda entries: -sum(distance for *_, distance in entries))
    return [max(entries, key=lambda entry: entry[2])[:2] for entries in often[:_CANDIDATES]]


def _likeness(plane: Plane, points: Array) -> float:
    """Share of the points off the plane whose mirror image is a point too, each counting as far as it is off."""
    off = np.abs(plane.side(points))
    asked = np.flatnonzero(off > plane.near)
    asked = asked[:: max(1, len(asked) // _QUERIES)]
    if len(asked) < 4:
        return 0.0
    image = plane.reflected(points[asked])
    distances = (image**2).sum(1)[:, None] - 2 * image @ points.T + (points**2).sum(1)
    met = distances.min(axis=1) < (2 * plane.near) ** 2
    return float(off[asked] @ met / off[asked].sum())


def _limb_roots(rig: Rig, plane: Plane) -> dict[int, list[int]]:
    """Side 1 or -1 -> bones whose whole subtree is on that side, the first such from the trunk on."""
    side = plane.side(rig.heads)
    positive, negative = np.maximum(side - plane.near, 0.0), np.maximum(-side - plane.near, 0.0)
    for bone in range(len(rig.names) - 1, -1, -1):
        if (parent := rig.parents[bone]) >= 0:
            positive[parent] += positive[bone]
            negative[parent] += negative[bone]
    total = positive + negative
    sided = (np.maximum(positive, negative) > _ONE_SIDED * total) & (total > 0)
    found: dict[int, list[int]] = {1: [], -1: []}
    for bone in np.flatnonzero(sided):
        parent = rig.parents[bone]
        if parent < 0 or not sided[parent]:
            found[1 if positive[bone] > negative[bone] else -1].append(int(bone))
    return found
