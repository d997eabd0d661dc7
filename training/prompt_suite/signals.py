"""Small tools for signals over frames: smoothing, spans of frames, swings to and fro."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Mask = NDArray[np.bool_]


def smooth(values: Array, seconds: float, fps: float) -> Array:
    """Mean of `values` [frame, ...] over a window of `seconds`, the ends repeated."""
    reach = round(seconds * fps / 2)
    if reach == 0:
        return values
    padded = np.pad(values, [(reach, reach)] + [(0, 0)] * (values.ndim - 1), mode="edge")
    summed = np.cumsum(np.concatenate([np.zeros_like(padded[:1]), padded]), axis=0)
    window = 2 * reach + 1
    return (summed[window:] - summed[:-window]) / window


def spans(mask: Mask, least: int = 1) -> list[tuple[int, int]]:
    """(start, end) of each run of True in `mask` [frame] of at least `least` frames; `end` is outside."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True) if end - start >= least]


def longest(mask: Mask) -> int:
    """Frames of the longest run of True in `mask` [frame]."""
    return max((end - start for start, end in spans(mask)), default=0)


def bridged(mask: Mask, gap: int) -> Mask:
    """`mask` [frame] with inner holes of at most `gap` frames filled."""
    filled = mask.copy()
    for start, end in spans(~mask):
        if start > 0 and end < len(mask) and end - start <= gap:
            filled[start:end] = True
    return filled


def turning_points(values: Array, least: float) -> list[int]:
    """Frames at which `values` [frame] turns back after having gone at least `least` one way, the first and last left out.

    Two turning points make a swing to and fro; movement smaller than `least` is not seen.
    """
    found: list[int] = []
    way, low, high = 0, 0, 0
    for frame, value in enumerate(values):
        if value < values[low]:
            low = frame
        if value > values[high]:
            high = frame
        if way >= 0 and values[high] - value >= least:
            if way > 0:
                found.append(high)
            way, low, high = -1, frame, frame
        elif way <= 0 and value - values[low] >= least:
            if way < 0:
                found.append(low)
            way, low, high = 1, frame, frame
    return found


def unit(vectors: Array) -> Array:
    """Vectors [..., n] of length one; those without length stay zero."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)


def angle_deg(first: Array, second: Array) -> Array:
    """Angle in degrees between vectors [..., n]."""
    return np.degrees(np.arccos(np.clip((unit(first) * unit(second)).sum(axis=-1), -1.0, 1.0)))


def correlation(first: Array, second: Array) -> float:
    """Correlation of two signals [frame], 0 if one of them does not move."""
    first, second = first - first.mean(), second - second.mean()
    size = np.sqrt((first**2).sum() * (second**2).sum())
    return float((first * second).sum() / size) if size > 1e-12 else 0.0
