"""How fast and how calmly a curve falls: pure functions on curves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .curves import Curve, smoothed

_SPIKE = 5.0
"""Median distances from the smoothed curve; of Gaussian noise one point in 1,300 lies further off."""


def first_at(x: NDArray[np.floating], y: NDArray[np.floating], target: float) -> float:
    """The first x at which y [point] has come from y[0] to `target` or past it; NaN if it never does."""
    downwards = target <= y[0]
    there = np.nonzero(y <= target if downwards else y >= target)[0]
    return float(x[there[0]]) if len(there) else float("nan")


def convergence(curve: Curve, weight: float, shares: Sequence[float]) -> dict[str, float]:
    """Updates, and wall seconds where they were logged, until the smoothed curve has made a share of its whole improvement.

    The improvement leads from the smoothed curve's first value to its last, so curves of unlike scales can be compared.
    """
    line = smoothed(curve.values, weight)
    found = {}
    for share in shares:
        target = line[0] + share * (line[-1] - line[0])
        found[f"updates to {share:.0%}"] = first_at(curve.steps, line, target)
        if curve.seconds is not None:
            found[f"seconds to {share:.0%}"] = first_at(curve.seconds, line, target)
    return found | {"first": float(line[0]), "last": float(line[-1])}


def stability(curve: Curve, weight: float) -> dict[str, float]:
    """Of the curve's later half: `spread`, the standard deviation around the smoothed curve as a share of the whole
    improvement; `spikes`, the share of points further off than five times the median distance."""
    line = smoothed(curve.values, weight)
    half = len(line) // 2
    away = (curve.values - line)[half:]
    improvement = abs(line[-1] - line[0])
    distance = np.abs(away)
    return {
        "spread": float(away.std() / improvement) if improvement else float("nan"),
        "spikes": float((distance > _SPIKE * np.median(distance)).mean()),
    }


def gradient(curve: Curve) -> dict[str, float]:
    """Of logged gradient norms: the median and how much higher the highest percentile is."""
    median, high = np.percentile(curve.values, (50, 99))
    return {"gradient norm": float(median), "its 99th percentile": float(high)}
