"""Hips that go down rather than legs that stretch, and up rather than legs that fold further than a leg can."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .envelope import envelope
from .stance import BLEND_FRAMES

Array = NDArray[np.float64]

STRAIGHT = 0.995
"""Share of its length to which a leg may be stretched."""
_FOLDED = 0.35


def lowering(legs: Array, targets: Array, blend: int = BLEND_FRAMES, straight: float = STRAIGHT) -> Array:
    """[frame, 3] metres downwards, smooth in time, that bring every ankle within its leg's reach.

    legs: [frame, leg, 3 joints, 3]; targets: [frame, leg, 3]; metres, Y up. blend: frames over which the hips go down. A leg
    may be as straight as it was, or as `straight`, the share of its length that lies between its ends.
    """
    hip, knee, ankle = np.moveaxis(legs, -2, 0)
    length = np.linalg.norm(knee - hip, axis=-1) + np.linalg.norm(ankle - knee, axis=-1)
    longest = np.maximum(straight * length, np.linalg.norm(ankle - hip, axis=-1))
    away = np.linalg.norm((targets - hip)[..., (0, 2)], axis=-1)
    height = np.sqrt(np.maximum(longest**2 - away**2, 0.0))
    needed = np.maximum(hip[..., 1] - targets[..., 1] - height, 0.0).max(axis=1)
    return envelope(needed, blend)[:, None] * (0.0, 1.0, 0.0)


def raising(legs: Array, targets: Array, blend: int = BLEND_FRAMES) -> Array:
    """[frame, 3] metres upwards, smooth in time, that keep every leg from folding; arguments as in `lowering`.

    A leg may be folded as far as it was, or until its ends are a third of its length apart.
    """
    hip, knee, ankle = np.moveaxis(legs, -2, 0)
    length = np.linalg.norm(knee - hip, axis=-1) + np.linalg.norm(ankle - knee, axis=-1)
    shortest = np.minimum(_FOLDED * length, np.linalg.norm(ankle - hip, axis=-1))
    away = np.linalg.norm((targets - hip)[..., (0, 2)], axis=-1)
    height = np.sqrt(np.maximum(shortest**2 - away**2, 0.0))
    lifted = np.maximum(targets - ankle, 0.0)[..., 1]  # hips that go up as much leave the leg as it was
    needed = np.clip(height - (hip - targets)[..., 1], 0.0, lifted).max(axis=1)
    return envelope(needed, blend)[:, None] * (0.0, 1.0, 0.0)
