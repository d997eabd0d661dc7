"""Facts about heights, the trunk, the head and all of the body."""

from __future__ import annotations

import functools

import numpy as np

from .series import Array, smooth
from .signals import peaks, swings
from .stretch import Stretch


class Posture(Stretch):
    """How the body is held."""

    @functools.cached_property
    def lowest(self) -> float:
        """The pelvis' lowest, leg lengths."""
        return float(np.percentile(self._of("pelvis"), 3))

    @functools.cached_property
    def height(self) -> float:
        """The pelvis' median height, leg lengths."""
        return float(np.median(self._of("pelvis")))

    @functools.cached_property
    def first_height(self) -> float:
        """At the beginning, leg lengths."""
        return float(self._edge(self._of("pelvis"), last=False))

    @functools.cached_property
    def last_height(self) -> float:
        """At the end, leg lengths."""
        return float(self._edge(self._of("pelvis"), last=True))

    @functools.cached_property
    def sinks(self) -> float:
        """How far the pelvis gets down from its highest before, leg lengths."""
        pelvis = smooth(self._of("pelvis"), 5)
        return float((np.maximum.accumulate(pelvis) - pelvis).max())

    @functools.cached_property
    def rises(self) -> float:
        """How far the pelvis gets up from its lowest before, leg lengths."""
        pelvis = smooth(self._of("pelvis"), 5)
        return float((pelvis - np.minimum.accumulate(pelvis)).max())

    @functools.cached_property
    def sinks_per_s(self) -> float:
        """The fastest sinking of the pelvis within .3 s, leg lengths a second."""
        pelvis = smooth(self._of("pelvis"), 3)
        return float((pelvis[:-6] - pelvis[6:]).max() / 0.3) if len(pelvis) > 6 else 0.0

    @functools.cached_property
    def squats(self) -> int:
        """How often the pelvis goes down by .22 leg lengths and comes up again."""
        return len(peaks(1.17 - smooth(self._of("pelvis"), 5), 0.22, 8, 0.6))

    @functools.cached_property
    def dips(self) -> int:
        """Half swings of the pelvis' height by .05 leg lengths."""
        return swings(smooth(self._of("pelvis"), 5), 0.05)

    @functools.cached_property
    def seated(self) -> float:
        """Share of the time on a chair or on the ground."""
        return float((self._posture("sitting") | self._posture("floor")).mean())

    @functools.cached_property
    def tilt_deg(self) -> float:
        """The trunk's median tilt against the vertical."""
        return float(np.median(self._of("tilt_deg")))

    @functools.cached_property
    def bow_deg(self) -> float:
        """The farthest tilt of the trunk to the front."""
        return float(np.percentile(self._of("pitch_deg"), 97))

    @functools.cached_property
    def pitch_deg(self) -> float:
        """The trunk's median tilt to the front."""
        return float(np.median(self._of("pitch_deg")))

    @functools.cached_property
    def arch_deg(self) -> float:
        """The farthest tilt of the trunk to the back."""
        return float(-np.percentile(self._of("pitch_deg"), 3))

    @functools.cached_property
    def pitch_swings(self) -> int:
        """Tilts of the trunk to and fro by 15 degrees each."""
        return swings(smooth(self._of("pitch_deg"), 5), 15.0)

    @functools.cached_property
    def last_pitch_deg(self) -> float:
        """The trunk's tilt to the front at the end."""
        return float(self._edge(self._of("pitch_deg"), last=True))

    @functools.cached_property
    def lean_deg(self) -> Array:
        """[2]: the farthest lean of the trunk to each side."""
        lean = self._of("lean_deg")
        return np.array([np.percentile(lean, 97), -np.percentile(lean, 3)])

    @functools.cached_property
    def any_lean_deg(self) -> float:
        """The larger of both."""
        return float(self.lean_deg.max())

    @functools.cached_property
    def twist_range_deg(self) -> float:
        """Shoulders against hips, all of the way."""
        return float(np.ptp(np.percentile(self._of("twist_deg"), (3, 97))))

    @functools.cached_property
    def twists(self) -> int:
        """Half swings of shoulders against hips by 18 degrees."""
        return swings(smooth(self._of("twist_deg"), 3), 18.0)

    @functools.cached_property
    def headlong(self) -> float:
        """How far the head gets below the pelvis, leg lengths; negative above."""
        x = self._of("x")
        return float(np.percentile(x[:, 0, 1] - x[:, 15, 1], 98) / self.series.leg)

    @functools.cached_property
    def face_up(self) -> float:
        """-1..1: lying on the belly .. on the back; 0 where it does not lie."""
        lying = self._posture("lying")
        return float(np.median(self._of("chest_up")[lying])) if lying.any() else 0.0

    @functools.cached_property
    def head_down_deg(self) -> float:
        """The head's and trunk's farthest tilt to the front."""
        return float(np.percentile(self._of("head_deg")[:, 0] + self._of("pitch_deg").clip(0), 95))

    @functools.cached_property
    def head_back_deg(self) -> float:
        """The head's and trunk's farthest tilt to the back, against 20 degrees, where heads are carried."""
        return float(20.0 - np.percentile(self._of("head_deg")[:, 0] + self._of("pitch_deg").clip(max=0), 5))

    @functools.cached_property
    def head_aside_deg(self) -> Array:
        """[2]: the head's farthest offset to each side."""
        aside = self._of("head_deg")[:, 1]
        return np.array([np.percentile(aside, 97), -np.percentile(aside, 3)])

    @functools.cached_property
    def nods(self) -> int:
        """Half swings of the head to the front by 5 degrees."""
        return swings(smooth(self._of("head_deg")[:, 0], 3), 5.0)

    @functools.cached_property
    def head_shakes(self) -> int:
        """Half swings of the head's offset to the sides by 3 degrees."""
        return swings(smooth(self._of("head_deg")[:, 1], 3), 3.0)

    @functools.cached_property
    def look_deg(self) -> Array:
        """[2]: how far the gaze got to each side of the first heading: heading, twist and the head's offset together.

        The head joint stands before the neck, so a turned head shows as an offset of about half its angle.
        """
        heading = self._of("heading_deg")
        gaze = heading - heading[0] + 0.5 * self._of("twist_deg") + 2.0 * self._of("head_deg")[:, 1]
        return np.array([np.percentile(gaze, 97), -np.percentile(gaze, 3)])

    @functools.cached_property
    def look_range_deg(self) -> float:
        """All of the gaze's way."""
        return float(self.look_deg.sum())

    @functools.cached_property
    def still(self) -> float:
        """Share of the time in which hardly anything moves."""
        return float(((self._of("activity") < 0.12) & (self._of("speed") < 0.12)).mean())

    @functools.cached_property
    def activity_ms(self) -> float:
        """Mean speed of the joints against the pelvis."""
        return float(self._of("activity").mean())
