"""A curve on the ground, read by its arc length."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Points = Sequence[Sequence[float]] | NDArray[np.floating]
"""[n, 2]: x and z in metres."""

_STEP_M = 0.01
"""Spacing of a curve's points: a fifth of the deviation that is promised."""
_ROUND_M = 0.05
"""Corners are rounded by a Gaussian of this width, which cuts 3 cm from a right angle."""


@dataclasses.dataclass(frozen=True)
class Curve:
    """Points [n, 2] (x, z, m) one centimetre apart, its corners rounded; `given` are the points as they were, as close."""

    points: Array
    given: Array
    length: float

    def at(self, gone: ArrayLike) -> Array:
        """Points [..., 2] at arc lengths (m); beyond the ends it goes straight on."""
        lengths = np.linspace(0.0, self.length, len(self.points))
        gone = np.asarray(gone, np.float64)
        inside = np.clip(gone, 0.0, self.length)
        found = np.stack([np.interp(inside, lengths, self.points[:, axis]) for axis in (0, 1)], axis=-1)
        tangents = self.points[[1, -1]] - self.points[[0, -2]]
        tangents /= np.linalg.norm(tangents, axis=-1, keepdims=True)
        return found + np.where((gone < 0.0)[..., None], tangents[0], tangents[1]) * (gone - inside)[..., None]

    def distance(self, places: Array) -> Array:
        """[place] metres from `places` [place, 2] to the nearest point of the curve as it was given."""
        return np.array([np.linalg.norm(self.given - place, axis=-1).min() for place in places])


def curve(points: Points) -> Curve:
    """The curve through points (x, z) in metres, of which two are apart at the least."""
    given = _even(np.asarray(points, np.float64))
    length = float(np.linalg.norm(np.diff(given, axis=0), axis=-1).sum())
    reach = min(round(3 * _ROUND_M / _STEP_M), (len(given) - 1) // 2)
    rounded = _even(smoothed(given, _ROUND_M / _STEP_M, reach))
    return Curve(rounded, given, float(np.linalg.norm(np.diff(rounded, axis=0), axis=-1).sum() or length))


def smoothed(values: Array, sigma: float, reach: int | None = None) -> Array:
    """`values` [n, d] through a Gaussian of `sigma` samples; both ends stay, since beyond them it is continued point by point mirrored."""
    reach = min(round(3 * sigma), len(values) - 1) if reach is None else reach
    if reach < 1:
        return values.copy()
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    before = 2 * values[0] - values[reach:0:-1]
    after = 2 * values[-1] - values[-2 : -reach - 2 : -1]
    padded = np.concatenate([before, values, after])
    return np.stack([np.convolve(column, weights / weights.sum(), mode="valid") for column in padded.T], axis=-1)


def _even(points: Array) -> Array:
    """Points a centimetre apart on the straight lines between `points` [n, 2]."""
    gone = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=-1))])
    lengths = np.linspace(0.0, gone[-1], max(3, round(gone[-1] / _STEP_M) + 1))
    return np.stack([np.interp(lengths, gone, points[:, axis]) for axis in (0, 1)], axis=-1)
