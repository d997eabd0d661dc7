"""Facts about the way over the ground and about turns."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from .series import RATE, Array, smooth
from .signals import swings
from .stretch import Stretch

_MOVING_MS = 0.25
"""Below this the pelvis sways, above it the body goes somewhere."""


class Ways(Stretch):
    """How far, how fast, where to."""

    @functools.cached_property
    def _moving(self) -> NDArray[np.bool_]:
        return self._of("speed") > _MOVING_MS

    @functools.cached_property
    def path_m(self) -> float:
        """The way over the ground."""
        speed = self._of("speed")
        return float(speed[speed > 0.1].sum() / RATE)

    @functools.cached_property
    def net_m(self) -> float:
        """First to last place, straight."""
        place = self._of("place")
        return float(np.hypot(*(place[-1] - place[0])))

    @functools.cached_property
    def reach_m(self) -> float:
        """How far from the first place it got."""
        place = self._of("place")
        return float(np.hypot(*(place - place[0]).T).max())

    @functools.cached_property
    def return_share(self) -> float:
        """How much of the farthest distance was taken back: 0 ends farthest, 1 ends where it began."""
        return 1.0 - self.net_m / max(self.reach_m, 0.2)

    @functools.cached_property
    def straightness(self) -> float:
        """Net distance over path: 1 straight."""
        return self.net_m / max(self.path_m, 0.3)

    @functools.cached_property
    def _ways(self) -> Array:
        """Metres gone to the front, back, left, right of the body."""
        ahead, left = self._of("velocity")[self._moving].T
        return np.array([ahead.clip(0).sum(), (-ahead).clip(0).sum(), left.clip(0).sum(), (-left).clip(0).sum()]) / RATE

    @functools.cached_property
    def ahead_m(self) -> float:
        """Metres gone to the front."""
        return float(self._ways[0])

    @functools.cached_property
    def back_m(self) -> float:
        """Metres gone backwards."""
        return float(self._ways[1])

    @functools.cached_property
    def aside_m(self) -> Array:
        """[2] metres gone to each side, facing the front."""
        return self._ways[2:]

    @functools.cached_property
    def ahead_share(self) -> float:
        """Of all ways gone."""
        return float(self._ways[0] / (self._ways.sum() + 0.15))

    @functools.cached_property
    def back_share(self) -> float:
        """Of all ways gone."""
        return float(self._ways[1] / (self._ways.sum() + 0.15))

    @functools.cached_property
    def aside_share(self) -> Array:
        """[2] of all ways gone."""
        return self._ways[2:] / (self._ways.sum() + 0.15)

    @functools.cached_property
    def speed_ms(self) -> float:
        """Mean speed while it moves."""
        return float(self._of("speed")[self._moving].mean()) if self._moving.any() else 0.0

    @functools.cached_property
    def mean_ms(self) -> float:
        """Mean speed of the whole stretch, stands included."""
        return float(self._of("speed").mean())

    @functools.cached_property
    def top_ms(self) -> float:
        """The speed that is passed in a twentieth of the time."""
        return float(np.percentile(self._of("speed"), 95))

    @functools.cached_property
    def first_ms(self) -> float:
        """Speed at the beginning."""
        return float(self._edge(self._of("speed"), last=False))

    @functools.cached_property
    def last_ms(self) -> float:
        """Speed at the end."""
        return float(self._edge(self._of("speed"), last=True))

    @functools.cached_property
    def turn_deg(self) -> Array:
        """[2]: the farthest that the heading got to each side, from where it was before."""
        heading = self._of("heading_deg")
        left = (heading - np.minimum.accumulate(heading)).max()
        return np.array([left, (np.maximum.accumulate(heading) - heading).max()])

    @functools.cached_property
    def any_turn_deg(self) -> float:
        """The larger of both."""
        return float(self.turn_deg.max())

    @functools.cached_property
    def net_turn_deg(self) -> Array:
        """[2]: last heading against the first; the other side's is its negative."""
        heading = self._of("heading_deg")
        net = float(heading[-1] - heading[0])
        return np.array([net, -net])

    @functools.cached_property
    def turned_deg(self) -> float:
        """Last heading against the first, whatever the side."""
        return float(np.abs(self.net_turn_deg[0]))

    @functools.cached_property
    def turn_surplus_deg(self) -> Array:
        """[2]: how much farther the heading got to this side than to the other."""
        return self.turn_deg - self.turn_deg[::-1]

    @functools.cached_property
    def quickest_turn_deg(self) -> float:
        """The most that the heading turned within a second."""
        heading = self._of("heading_deg")
        frames = min(int(RATE), len(heading) - 1)
        return float(np.abs(heading[frames:] - heading[:-frames]).max())

    @functools.cached_property
    def heading_swings(self) -> int:
        """Turns of the way to and fro by 30 degrees each: a zigzag has many."""
        if self._moving.sum() < 8:
            return 0
        return swings(smooth(self._of("course_deg")[self._moving], 5), 30.0)

    @functools.cached_property
    def both_turns_deg(self) -> float:
        """The smaller of the turns to the left and right."""
        return float(self.turn_deg.min())
