"""Hips that go down rather than legs that stretch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .stance import BLEND_FRAMES

Array = NDArray[np.float64]

_STRAIGHT = 0.995


def lowering(legs: Array, targets: Array, blend: int = BLEND_FRAMES) -> Array:
    """[frame, 3] metres downwards, smooth in time, that bring every ankle within its leg's reach.

    legs: [frame, leg, 3 joints, 3]; targets: [frame, leg, 3]; metres, Y up. blend: frames over which the hips go down. A leg
    may be as straight as it was, or nearly straight.
    """
    hip, knee, ankle = np.moveaxis(legs, -2, 0)
    length = np.linalg.norm(knee - hip, axis=-1) + np.linalg.norm(ankle - knee, axis=-1)
    longest = np.maximum(_STRAIGHT * length, np.linalg.norm(ankle - hip, axis=-1))
    away = np.linalg.norm((targets - hip)[..., (0, 2)], axis=-1)
    height = np.sqrt(np.maximum(longest**2 - away**2, 0.0))
    needed = np.maximum(hip[..., 1] - targets[..., 1] - height, 0.0).max(axis=1)
    # The mean of a running maximum over the same window is smooth and nowhere below what is needed.
    window = 2 * blend + 1
    padded = np.pad(needed, 2 * blend, mode="edge")
    highest = np.lib.stride_tricks.sliding_window_view(padded, window).max(axis=-1)
    smooth = np.lib.stride_tricks.sliding_window_view(highest, window).mean(axis=-1)
    return smooth[:, None] * (0.0, 1.0, 0.0)
