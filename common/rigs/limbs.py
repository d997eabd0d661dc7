"""Which bones of a chain are a leg's or an arm's joints, from where they begin."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .rig import Rig
from .symmetry import Plane

Array = NDArray[np.float64]

_TURN = np.cos(np.radians(25.0))
_LOW, _STUB, _BALL = 0.3, 0.35, 0.5
_MANY_TOES = 3
_SHORT, _COLLAR, _FOREARM = 0.75, 0.55, 0.7


def leg(rig: Rig, bones: Sequence[int], up: Array, plane: Plane) -> dict[str, int]:
    """hip, knee, ankle, and foot (the toes) if there is one bone for them all; the ankle is where the chain turns ahead."""
    points = rig.heads[list(bones)]
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    carried = len(bones) > 3 and abs(plane.side(points[0])) <= plane.near and steps[0] < _STUB * steps.sum()
    hip = 1 if carried else 0
    ankle = _ankle(points, hip, up)
    knee = _halfway(points, hip, ankle)
    found = {"hip": bones[hip], "knee": bones[knee], "ankle": bones[ankle]}
    if ankle + 1 < len(bones):
        ahead = _ahead(points[ankle + 1 :] - points[ankle], up)
        ball = ankle + 1 + int(np.argmax(ahead >= _BALL * ahead.max()))
        sisters = rig.heads[list(rig.children[rig.parents[bones[ball]]])] - points[ankle]
        if (_ahead(sisters, up) >= _BALL * ahead.max()).sum() < _MANY_TOES:
            found["foot"] = bones[ball]
    return found


def _ahead(steps: Array, up: Array) -> Array:
    """[step]: how far steps [step, 3] go over the ground."""
    return np.asarray(np.linalg.norm(steps - (steps @ up)[:, None] * up, axis=1))


def _ankle(points: Array, hip: int, up: Array) -> int:
    heights = points @ up
    low = heights.min() + _LOW * (heights[hip] - heights.min())
    for place in range(hip + 2, len(points) - 1):
        leg, step = points[place] - points[hip], points[place + 1] - points[place]
        turn = leg @ step / max(float(np.linalg.norm(leg) * np.linalg.norm(step)), 1e-12)
        if heights[place] <= low and turn < _TURN:
            return place
    return max(hip + 2, len(points) - 2) if len(points) > hip + 3 else len(points) - 1


def arm(rig: Rig, bones: Sequence[int]) -> dict[str, int]:
    """collar, shoulder, elbow and wrist as far as the chain goes: the wrist carries fingers, the elbow is in the middle.

    Without fingers the last bone is a hand, unless the arm has none: then its forearm, as long as the upper arm, ends it.
    """
    if _handless(rig, bones):
        shoulder, elbow = bones[-2:]
        found = {"shoulder": shoulder, "elbow": elbow}
        return found if len(bones) == 2 else {"collar": bones[0], **found}
    wrist = hand(rig, bones) or min(len(bones) - 1, 3)
    points = rig.heads[list(bones)]
    best = (0.0, 0, 1)
    for shoulder in range(min(3, wrist - 1)):
        elbow = _halfway(points, shoulder, wrist)
        upper, lower = _arc(points, shoulder, elbow), _arc(points, elbow, wrist)
        best = max(best, (min(upper, lower) / max(upper, lower, 1e-12), shoulder, elbow))
    _, shoulder, elbow = best
    found = {"shoulder": bones[shoulder], "elbow": bones[elbow], "wrist": bones[wrist]}
    return found if shoulder == 0 else {"collar": bones[0], **found}


def _handless(rig: Rig, bones: Sequence[int]) -> bool:
    """Whether a chain of two, or of three that begins with a collar, ends with the forearm.

    An upper arm is about as long as its forearm. A collar is shorter; then the last bone, if its tail can be believed, is long.
    """
    if len(bones) != 3 or hand(rig, bones):
        return len(bones) == 2
    first, second = np.linalg.norm(np.diff(rig.heads[list(bones)], axis=0), axis=1)
    last = float(np.linalg.norm(rig.tails[bones[-1]] - rig.heads[bones[-1]]))
    return bool(first < _SHORT * second and (last > _FOREARM * second or first < _COLLAR * second))


def hand(rig: Rig, bones: Sequence[int]) -> int:
    """The place in an arm's chain of the bone that carries fingers; 0 if none does."""
    return next((place for place in range(2, len(bones)) if len(_continuing(rig, bones[place])) >= 3), 0)


def _continuing(rig: Rig, bone: int) -> list[int]:
    """Children that lead on, or end apart from their parent's head: twist bones and helpers do neither."""
    return [child for child in rig.children[bone] if rig.children[child]]


def _halfway(points: Array, begin: int, end: int) -> int:
    middles = range(begin + 1, end)
    return min(middles, key=lambda place: abs(_arc(points, begin, place) - _arc(points, place, end)))


def _arc(points: Array, begin: int, end: int) -> float:
    return float(np.linalg.norm(np.diff(points[begin : end + 1], axis=0), axis=1).sum())
