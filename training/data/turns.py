"""Turning made from straight walks: the path bends, the steps stay.

A corpus may hold hours of walking and seconds of turning. The features' yaw velocity is relative to the heading, so adding
a smooth bump to it turns path and body together and leaves the pose as it was. Feet slip a little in the bend.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backend.motion.layout import require_canonical

from .dataset import Prepared

_BASES = ("walk", "run")
_MIN_FRAMES, _MAX_FRAMES = 40, 196
_ANGLE_DEG, _BEND_FRAMES = (60.0, 180.0), (24, 50)
"""Degrees of a turn that people would call one, and frames in which they walk it: 1.2 to 2.5 s."""
_STRAIGHT_DEG = 20.0
"""Turn up to which a walk counts as straight."""
_WORDINGS = (
    "{words} and turns left",
    "a person {verb} and turns left",
    "a person turns left",
    "someone turns to the left",
    "a person {verb} and then turns to the left",
)


def turns(data: Prepared, count: int, rng: np.random.Generator) -> list[tuple[NDArray[np.float32], str]]:
    """`count` pairs of features [frame, 67] and caption of left turns; their mirror images turn right.

    InputError if there shall be some of another skeleton than the canonical one, whose left may be the other.
    """
    if count:
        require_canonical(len(data.layout.joints))
    bases = [
        span
        for span in data.spans
        if span.action in _BASES
        and _MIN_FRAMES <= span.frames <= _MAX_FRAMES
        and not any(word in span.captions[0] for word in ("turn", "back", "circle", "left", "right"))
        and abs(_turned_deg(data.window(span.start, span.frames, False))) < _STRAIGHT_DEG
    ]
    made = []
    for _ in range(count if bases else 0):
        span = bases[rng.integers(len(bases))]
        words = _WORDINGS[rng.integers(len(_WORDINGS))].format(
            words=span.captions[rng.integers(len(span.captions))], verb=f"{span.action}s"
        )
        made.append((bent(data.window(span.start, span.frames, False), rng), words))
    return made


def bent(features: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """`features` [frame, 67] with a left turn of 60 to 180 degrees somewhere, eased in and out."""
    bend = min(int(rng.integers(*_BEND_FRAMES)), len(features) - 4)
    begin = int(rng.integers(0, len(features) - bend))
    bump = 1.0 - np.cos(2 * np.pi * (np.arange(bend) + 0.5) / bend)
    half_angle = np.radians(rng.uniform(*_ANGLE_DEG)) / 2
    made = features.copy()
    # the features recover the heading with the inverse rotation: a left turn is a negative velocity
    made[begin : begin + bend, 0] -= (half_angle * bump / bump.sum()).astype(np.float32)
    return made


def _turned_deg(features: NDArray[np.float32]) -> float:
    return float(np.degrees(2 * features[:, 0].sum()))
