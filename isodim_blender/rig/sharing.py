"""A canonical joint's turn shared among the bones of a rig: spines and necks of any count, twist along limbs; no bpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...common.motion import quaternions
from ...common.motion.skeleton import INDEX, REST_OFFSETS

Array = NDArray[np.float64]

_SEGMENTS = np.linalg.norm(REST_OFFSETS[[INDEX["spine2"], INDEX["spine3"]]], axis=-1)
SPINE_KNOT = float(_SEGMENTS[0] / _SEGMENTS.sum())
"""Where spine2 begins on the way from the beginning of spine1 (0) to that of spine3 (1)."""
_SAME = 1e-6


def arc(heads: Array) -> Array:
    """[bone]: where each bone of a chain begins, by arc length, from 0 (the first) to 1 (the last); 1 for a single bone."""
    lengths = np.cumsum(np.concatenate([[0.0], np.linalg.norm(np.diff(heads, axis=0), axis=-1)]))
    return lengths / lengths[-1] if lengths[-1] > 0.0 else np.ones(len(heads))


def spread_spine(spine: Array, places: Array) -> Array:
    """[frame, bone, 4]: the turns of a chain's bones at `places` [bone] from those of spine1 to spine3, `spine` [frame, 3, 4].

    The last bone, which carries the arms, turns as spine3 does; the others by arc length, so that a chain of the canonical
    proportions turns exactly as the canonical one.
    """
    found = []
    for place in places:
        low = place < SPINE_KNOT - _SAME
        a, b = (0, 1) if low else (1, 2)
        amount = place / SPINE_KNOT if low else (place - SPINE_KNOT) / (1.0 - SPINE_KNOT)
        found.append(quaternions.slerp(spine[:, a], spine[:, b], np.full(len(spine), amount)))
    return np.stack(found, axis=1)


def gather_spine(chain: Array, places: Array) -> Array:
    """[frame, 3, 4]: the turns of spine1 to spine3 from which `spread_spine` gives `chain` [frame, bone, 4] at `places`.

    Exact for three bones and more, up to what three joints can hold; a chain of two has the middle in between, one
    bone turns all three.
    """
    first, last = chain[:, 0], chain[:, -1]
    inner = [bone for bone, place in enumerate(places) if _SAME < place < 1.0 - _SAME]
    if not inner:
        middle = quaternions.slerp(first, last, np.full(len(chain), SPINE_KNOT))
        return np.stack([first, middle, last], axis=1)
    bone = min(inner, key=lambda index: abs(places[index] - SPINE_KNOT))
    if places[bone] < SPINE_KNOT:
        middle = _beyond(first, chain[:, bone], SPINE_KNOT / places[bone])
    else:
        middle = _beyond(last, chain[:, bone], (1.0 - SPINE_KNOT) / (1.0 - places[bone]))
    return np.stack([first, middle, last], axis=1)


def _beyond(start: Array, through: Array, amount: float) -> Array:
    """[frame, 4]: the rotation at `amount` (1 or more) on the arc that leaves `start` and is at `through` at 1."""
    turn = quaternions.multiply(quaternions.inverse(start), through)
    return quaternions.multiply(start, power(turn, amount))


def power(turn: Array, amount: float | Array) -> Array:
    """[..., 4]: `turn` [..., 4], at most half a turn, by `amount` of its angle about the same axis."""
    turn = np.where(turn[..., :1] < 0.0, -turn, turn)
    sine = np.linalg.norm(turn[..., 1:], axis=-1)
    axis = turn[..., 1:] / np.maximum(sine, 1e-12)[..., None]
    return quaternions.about(axis, 2.0 * np.arctan2(sine, turn[..., 0]) * amount)


def twist_angle(turn: Array, axis: Array) -> Array:
    """[frame], rad, continuous in time: the part of `turn` [frame, 4] about the unit vector `axis` [3] that comes first.

    turn = swing . twist, the swing's axis at right angles to `axis` (Dobrowolski, 2015, swing-twist decomposition).
    """
    return np.unwrap(2.0 * np.arctan2(turn[..., 1:] @ axis, turn[..., 0]))
