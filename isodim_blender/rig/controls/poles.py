"""Where an IK pole has to be so that an elbow or a knee points as it does; no bpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ....common.motion import quaternions

Array = NDArray[np.float64]

_STRAIGHT_RAD, _BENT_RAD = np.radians((0.4, 1.5))
_CERTAIN_RAD = np.radians(3.0)


def place(at_rest: Array, pole: Array, now: tuple[Array, Array, Array], turn: Array) -> Array:
    """[frame, 3]: a point as far from the hinge as the limb is long, on the side that it bends to.

    at_rest: [3, 3], where the limb begins, bends and ends when the rig rests; pole: [3], the pole's head then. now: the three
    places, [frame, 3] each; turn: [frame, 4], the upper bone's rotation from rest. A straight limb shows no side: there it
    is the one where the pole rests, turned with the upper bone.
    """
    start, hinge, end = now
    lengths = np.linalg.norm(np.diff(at_rest, axis=0), axis=-1)
    along, bent, angle = _bend(start, hinge, end, lengths)
    aside = quaternions.rotate(turn, pole - at_rest[1])
    certain = np.clip((angle - _STRAIGHT_RAD) / (_BENT_RAD - _STRAIGHT_RAD), 0.0, 1.0)
    toward = quaternions.rotate(
        quaternions.about(along, np.full(len(along), _rest_angle(at_rest, pole, lengths))), bent
    )
    side = certain * toward + (1.0 - certain) * _unit(_across(aside, along))
    return hinge + lengths.sum() * _unit(side)


def _rest_angle(at_rest: Array, pole: Array, lengths: Array) -> float:
    """rad: from the side that the limb bends to, to the side where the pole is, at rest; 0 for a limb that rests straight."""
    along, bent, angle = _bend(at_rest[0], at_rest[1], at_rest[2], lengths)
    if angle[..., 0] < _CERTAIN_RAD:
        return 0.0
    side = _unit(_across(pole - at_rest[1], along))
    return float(np.arctan2(np.cross(bent, side) @ along, bent @ side))


def _bend(start: Array, hinge: Array, end: Array, lengths: Array) -> tuple[Array, Array, Array]:
    """The line from start to end, the side that the hinge is on, both [..., 3] and unit, and how far it bends, rad [..., 1]."""
    along = _unit(end - start)
    aside = _across(hinge - start, along)
    sine = np.linalg.norm(aside, axis=-1, keepdims=True) / lengths.mean()
    return along, _unit(aside), np.arcsin(np.clip(sine, 0.0, 1.0))


def _across(vectors: Array, along: Array) -> Array:
    return vectors - along * np.sum(vectors * along, axis=-1, keepdims=True)


def _unit(vectors: Array) -> Array:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9))
