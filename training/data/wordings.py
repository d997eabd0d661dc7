"""More wordings of the same motion: a wave with its hand named from the motion itself, or not named at all.

Captions either always name the hand ("waves the right hand") or never do ("waves hello"), while people write both.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from backend.motion.features import features_to_joints
from backend.motion.layout import of_features

_HAND = re.compile(r" (?:with )?the (?:left|right) (?:hand|arm)(?: up)?\b")
_BOTH = re.compile(r"\b(?:both|arms|hands)\b")
_WAVES = re.compile(r"\bwaves\b(?: hello| goodbye)?")
_CLEARLY_M = 0.15
"""Metres between the wrists, more than arms that hang differ by."""


def wave_wordings(features: NDArray[np.float32], caption: str) -> tuple[str, ...]:
    """The caption of a clip [frame, d] and, if it speaks of one waving hand, the same with and without its side.

    The side is that of the wrist that is raised higher, if it is clearly higher.
    """
    if "waves" not in caption or _BOTH.search(caption):
        return (caption,)
    if _HAND.search(caption):
        return (caption, _HAND.sub("", caption, count=1))
    side = waving_side(features)
    if side is None:
        return (caption,)
    return (caption, _WAVES.sub(f"waves the {side} hand", caption, count=1))


def waving_side(features: NDArray[np.float32]) -> str | None:
    """`left` or `right`, whichever wrist is higher by 15 cm in the upper tenth of its time; None if neither."""
    joints, index = features_to_joints(features), of_features(features.shape[1]).index
    left, right = (np.percentile(joints[:, index[f"{side}_wrist"], 1], 90) for side in ("left", "right"))
    if abs(left - right) < _CLEARLY_M:
        return None
    return "left" if left > right else "right"
