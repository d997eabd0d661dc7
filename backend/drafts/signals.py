"""Small readings of a signal over time: stretches, swings, peaks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.floating]


def stretches(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """(first, end) of every run of True."""
    edges = np.diff(np.concatenate([[0], np.asarray(mask, np.int8), [0]]))
    return list(zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist(), strict=True))


def longest(mask: NDArray[np.bool_]) -> int:
    """Frames of the longest run of True."""
    return max((end - first for first, end in stretches(mask)), default=0)


def swings(signal: Signal, size: float) -> int:
    """How many half swings of at least `size` the signal makes: one more each time it has gone back that far from its last turn."""
    count, way, low, high = 0, 0, float(signal[0]), float(signal[0])
    for value in signal.tolist():
        rose, fell = value - low >= size, high - value >= size
        if way >= 0 and fell:
            count, way, low, high = count + 1, -1, value, value
        elif way <= 0 and rose:
            count, way, low, high = count + 1, 1, value, value
        else:
            low, high = (min(low, value) if way <= 0 else low), (max(high, value) if way >= 0 else high)
    return count


def peaks(signal: Signal, height: float, apart: int, valley: float = 0.5) -> list[int]:
    """Frames of maxima above `height`, at least `apart` frames from each other, with a fall below `valley` x height between."""
    found: list[int] = []
    best = -1
    for frame, value in enumerate(signal.tolist()):
        if value >= height and (best < 0 or value > signal[best]):
            best = frame
        if best >= 0 and value < valley * height:
            found.append(best)
            best = -1
    if best >= 0:
        found.append(best)
    kept: list[int] = []
    for frame in found:
        if not kept or frame - kept[-1] >= apart:
            kept.append(frame)
    return kept
