"""Facts about arms and hands."""

from __future__ import annotations

import functools

import numpy as np

from .series import RATE, Array, smooth
from .signals import longest, peaks, stretches, swings
from .stretch import SIDES, Stretch


class Hands(Stretch):
    """What arms and hands do, and what they touch."""

    @functools.cached_property
    def hand_top(self) -> Array:
        """[2]: the hand's highest, arm lengths above the shoulder."""
        return np.percentile(self._of("hand_up"), 96, axis=0)

    @functools.cached_property
    def hand_bottom(self) -> Array:
        """[2]: the hand's lowest, arm lengths above the shoulder."""
        return np.percentile(self._of("hand_up"), 4, axis=0)

    @functools.cached_property
    def hand_mid(self) -> Array:
        """[2]: the hand's median height, arm lengths above the shoulder."""
        return np.median(self._of("hand_up"), axis=0)

    @functools.cached_property
    def hand_lift(self) -> Array:
        """[2]: how far the hand gets up from its lowest before, arm lengths."""
        up = self._of("hand_up")
        return (up - np.minimum.accumulate(up, axis=0)).max(0)

    @functools.cached_property
    def hand_fall(self) -> Array:
        """[2]: how far the hand gets down from its highest before, arm lengths."""
        up = self._of("hand_up")
        return (np.maximum.accumulate(up, axis=0) - up).max(0)

    @functools.cached_property
    def last_hand(self) -> Array:
        """[2]: the hand's height at the end, arm lengths above the shoulder."""
        return self._edge(self._of("hand_up"), last=True)

    @functools.cached_property
    def hand_above(self) -> Array:
        """[2]: how much higher this hand gets than the other one at the same time, arm lengths."""
        up = self._of("hand_up")
        return np.percentile(up - up[:, ::-1], 95, axis=0)

    @functools.cached_property
    def hands_up(self) -> float:
        """The highest that both hands are at once, arm lengths above the shoulders."""
        return float(np.percentile(self._of("hand_up").min(1), 96))

    @functools.cached_property
    def hand_ahead(self) -> Array:
        """[2]: share of the time stretched to the front, not hanging."""
        return ((self._of("hand_ahead") > 0.45) & (self._of("hand_up") > -0.75)).mean(0)

    @functools.cached_property
    def hand_aside(self) -> Array:
        """[2]: share of the time stretched to the side, about level."""
        up = self._of("hand_up")
        return ((self._of("hand_out") > 0.6) & (up > -0.5) & (up < 0.6)).mean(0)

    @functools.cached_property
    def arms_aside(self) -> float:
        """Share of the time with both arms stretched sideways."""
        up = self._of("hand_up")
        return float(((self._of("hand_out").min(1) > 0.55) & (up.min(1) > -0.5) & (up.max(1) < 0.6)).mean())

    @functools.cached_property
    def arms_ahead(self) -> float:
        """Share of the time with both hands before the shoulders, not hanging."""
        return float(((self._of("hand_ahead").min(1) > 0.4) & (self._of("hand_up").min(1) > -0.8)).mean())

    @functools.cached_property
    def stretched(self) -> Array:
        """[2]: share of the time with a straight arm that does not hang."""
        return ((self._of("elbow_deg") < 50) & (self._of("hand_up") > -0.7)).mean(0)

    @functools.cached_property
    def pointing(self) -> Array:
        """[2]: the longest time (s) that a straight arm that does not hang is held about still."""
        held = (self._of("elbow_deg") < 60) & (self._of("hand_up") > -0.65) & (self._of("hand_speed") < 0.8)
        return np.array([longest(held[:, side]) / RATE for side in SIDES])

    @functools.cached_property
    def elbow_deg(self) -> Array:
        """[2]: median bend of the elbow."""
        return np.median(self._of("elbow_deg"), axis=0)

    @functools.cached_property
    def elbow_top(self) -> Array:
        """[2]: the elbow's highest, arm lengths above the shoulder."""
        return np.percentile(self._of("elbow_up"), 97, axis=0)

    @functools.cached_property
    def waves(self) -> Array:
        """[2]: half swings of a raised hand: sideways by 7 cm, or up and down or to and fro by 10."""
        up, body = self._of("hand_up"), self._of("hand_body")
        counts = np.zeros(2)
        for side in SIDES:
            raised = smooth((up[:, side] > -0.3).astype(float), 5) > 0.5
            for first, end in stretches(raised):
                if end - first > 8:
                    ahead, out, rise = smooth(body[first:end, side], 3).T
                    most = max(swings(out, 0.07), swings(rise, 0.10), swings(ahead, 0.10))
                    counts[side] = max(counts[side], most)
        return counts

    @functools.cached_property
    def hand_swings(self) -> Array:
        """[2]: half swings of the hand by 8 cm, along its busiest direction."""
        body = smooth(self._of("hand_body"), 3)
        return np.array([max(swings(body[:, side, way], 0.08) for way in range(3)) for side in SIDES], float)

    @functools.cached_property
    def hand_busy_ms(self) -> Array:
        """[2]: mean speed of the hand in the body's frame."""
        return self._of("hand_speed").mean(0)

    @functools.cached_property
    def hand_top_ms(self) -> Array:
        """[2]: top speed of the hand in the body's frame."""
        return self._of("hand_speed").max(0)

    @functools.cached_property
    def punches(self) -> Array:
        """[2]: times that the hand shoots away from the shoulder, ends stretched to the front and does not hang."""
        away = smooth(np.gradient(self._of("reach"), axis=0) * RATE * self.series.arm, 3)
        ahead, up = self._of("hand_ahead"), self._of("hand_up")
        return np.array(
            [
                sum(
                    ahead[at : at + 6, side].max() > 0.45 and up[at : at + 6, side].max() > -0.75
                    for at in peaks(away[:, side], 1.2, 5)
                )
                for side in SIDES
            ],
            float,
        )

    @functools.cached_property
    def hand_low_m(self) -> Array:
        """[2]: the hand's lowest above the floor."""
        return np.percentile(self._of("hand_height"), 3, axis=0)

    @functools.cached_property
    def claps(self) -> int:
        """Times that the wrists come within 22 cm of each other and part again."""
        gap = self._of("gap")
        return len(peaks(0.6 - gap, 0.38, 3, 0.80)) if gap.min() < 0.22 else 0

    @functools.cached_property
    def gap_m(self) -> float:
        """The wrists' median distance."""
        return float(np.median(self._of("gap")))

    @functools.cached_property
    def gap_min_m(self) -> float:
        """The wrists' smallest distance."""
        return float(np.percentile(self._of("gap"), 4))

    @functools.cached_property
    def together(self) -> float:
        """Share of the time with the wrists within 28 cm of each other, before the body."""
        ahead = self._of("hand_body")[..., 0].min(1)
        return float(((self._of("gap") < 0.28) & (ahead > 0.05)).mean())

    @functools.cached_property
    def crossed(self) -> float:
        """Share of the time with each hand at the other elbow."""
        return float(((self._target("other_elbow").max(1) < 0.34) & (self._of("gap") < 0.5)).mean())

    @functools.cached_property
    def behind_back(self) -> float:
        """Share of the time with both hands behind the pelvis, near each other."""
        return float(((self._of("hand_body")[..., 0].max(1) < 0.0) & (self._of("gap") < 0.32)).mean())

    @functools.cached_property
    def behind_head(self) -> float:
        """Share of the time with both hands at the head, the elbows raised."""
        return float(((self._target("head").max(1) < 0.32) & (self._of("elbow_up").min(1) > -0.35)).mean())

    @functools.cached_property
    def flaps(self) -> int:
        """Half swings of both hands up and down by .22 arm lengths."""
        up = smooth(self._of("hand_up"), 3)
        return min(swings(up[:, 0], 0.22), swings(up[:, 1], 0.22))

    @functools.cached_property
    def arm_turns(self) -> Array:
        """[2]: half swings of the hand by half an arm length, in two directions: a circling arm has many."""
        up, ahead, out = (smooth(self._of(name), 3) for name in ("hand_up", "hand_ahead", "hand_out"))
        return np.array(
            [min(swings(up[:, s], 0.45), swings(ahead[:, s], 0.35) + swings(out[:, s], 0.35)) for s in SIDES], float
        )

    def _near(self, place: str, metres: float) -> Array:
        return (self._target(place) < metres).mean(0)

    @functools.cached_property
    def at_hip(self) -> Array:
        """[2]: share of the time with the hand at the hip and the elbow bent outward."""
        near = self._target("hip") < 0.28
        return (near & (self._of("elbow_deg") > 40) & (self._of("hand_out") > -0.35)).mean(0)

    @functools.cached_property
    def at_head(self) -> Array:
        """[2]: share of the time with the hand at the head."""
        return self._near("head", 0.31)

    @functools.cached_property
    def at_head_s(self) -> Array:
        """[2]: the longest time (s) with the hand at the head."""
        near = self._target("head") < 0.31
        return np.array([longest(near[:, side]) / RATE for side in SIDES])

    @functools.cached_property
    def to_head_m(self) -> Array:
        """[2]: the wrist's nearest to the head."""
        return np.minimum(*(np.percentile(self._target(name), 4, axis=0) for name in ("head", "mouth")))

    @functools.cached_property
    def to_mouth_m(self) -> Array:
        """[2]: the wrist's nearest to the mouth."""
        return np.percentile(self._target("mouth"), 4, axis=0)

    @functools.cached_property
    def to_chest_m(self) -> Array:
        """[2]: the wrist's nearest to the chest."""
        return np.percentile(self._target("chest"), 4, axis=0)

    @functools.cached_property
    def to_shoulder_m(self) -> Array:
        """[2]: the wrist's nearest to the other shoulder."""
        return np.percentile(self._target("other_shoulder"), 4, axis=0)

    @functools.cached_property
    def to_elbow_m(self) -> Array:
        """[2]: the wrist's nearest to the other elbow or wrist."""
        return np.minimum(*(np.percentile(self._target(name), 4, axis=0) for name in ("other_elbow", "other_wrist")))

    @functools.cached_property
    def to_knee_m(self) -> Array:
        """[2]: the wrist's nearest to a knee."""
        return np.percentile(self._target("knee"), 4, axis=0)

    @functools.cached_property
    def to_foot_m(self) -> Array:
        """[2]: the wrist's nearest to a foot."""
        return np.percentile(self._target("foot"), 4, axis=0)
