"""Frames first ... end - 1 of a clip, and what all facts about them are read with."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import NDArray

from .series import RATE, Array, Series

SIDES = (0, 1)


class Stretch:
    """A stretch of a clip."""

    def __init__(self, series: Series, first: int, end: int) -> None:
        self.series, self.first, self.end = series, first, end
        self.seconds = (end - first) / RATE

    @classmethod
    def of(cls, joints: NDArray[np.floating]) -> Self:
        """Of a whole clip: joint positions [frame, 22, 3] (m, Y up) at 20 frames a second."""
        series = Series(joints)
        return cls(series, 0, series.frames)

    def part(self, begin: float, end: float) -> Self:
        """The facts of the share begin..end (0..1) of this stretch, at least four frames of it."""
        frames = self.end - self.first
        first = self.first + min(round(begin * frames), max(0, frames - 4))
        return type(self)(self.series, first, min(self.end, max(self.first + round(end * frames), first + 4)))

    def fact(self, name: str) -> float | Array:
        """A fact by name; `share_`, `begins_`, `ends_` before a posture of `Series.postures` are its share of the time, of the
        beginning, of the end."""
        when, _, posture = name.partition("_")
        if when not in ("share", "begins", "ends") or posture not in self.series.postures:
            return getattr(self, name)
        mask = self.series.postures[posture][self.first : self.end].astype(float)
        return float(mask.mean() if when == "share" else self._edge(mask, when == "ends"))

    def _of(self, name: str) -> Array:
        """A series in this stretch."""
        return getattr(self.series, name)[self.first : self.end]

    def _posture(self, name: str) -> NDArray[np.bool_]:
        return self.series.postures[name][self.first : self.end]

    def _target(self, name: str) -> Array:
        return self.series.targets[name][self.first : self.end]

    def _edge(self, values: Array, last: bool) -> Array:
        """Mean over the first or last frames: up to 0.4 s, at most a quarter of the stretch."""
        frames = max(2, min(8, len(values) // 4))
        return (values[-frames:] if last else values[:frames]).mean(0)
