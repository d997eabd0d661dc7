"""Facts about steps, jumps and kicks."""

from __future__ import annotations

import functools

import numpy as np

from .series import RATE, Array, smooth
from .signals import longest, peaks, stretches, swings
from .stretch import SIDES, Stretch

_AIR_M = 0.05
"""Both feet this far off the ground: less is a tiptoe or a trembling ankle."""


class Legs(Stretch):
    """What legs and feet do."""

    @functools.cached_property
    def _steps(self) -> list[int]:
        swing = self._of("foot_speed") > 0.6
        return [sum(end - first >= 3 for first, end in stretches(swing[:, side])) for side in SIDES]

    @functools.cached_property
    def cadence_hz(self) -> float:
        """Foot movements a second."""
        return sum(self._steps) / max(self.seconds, 0.5)

    @functools.cached_property
    def flight(self) -> float:
        """Share of the time in which both feet are off the ground."""
        return float((self._of("air") > 0.03).mean())

    @functools.cached_property
    def lift_m(self) -> Array:
        """[2]: how high the foot comes."""
        return np.percentile(self._of("foot_up"), 95, axis=0)

    @functools.cached_property
    def knee_up(self) -> Array:
        """[2]: the thigh's highest, -1 hanging, 0 level."""
        return np.percentile(self._of("thigh_up"), 97, axis=0)

    @functools.cached_property
    def high_knees(self) -> Array:
        """[2]: how often the knee comes up to half-way to level."""
        thigh, foot = self._of("thigh_up"), self._of("foot_up")
        return np.array(
            [sum(foot[at, side] > 0.12 for at in peaks(thigh[:, side] + 1.0, 0.55, 5)) for side in SIDES], float
        )

    @functools.cached_property
    def stance_uneven(self) -> float:
        """How differently long the two feet swing, 0 alike."""
        swing = self._of("foot_speed") > 0.6
        times = [[e - f for f, e in stretches(swing[:, side]) if e - f >= 3] for side in SIDES]
        left, right = (float(np.median(one)) if one else 0.0 for one in times)
        return abs(left - right) / max(1.0, left + right)

    @functools.cached_property
    def lift_uneven_m(self) -> float:
        """How differently high the two feet come."""
        return float(abs(self.lift_m[0] - self.lift_m[1]))

    @functools.cached_property
    def stride(self) -> float:
        """Leg lengths between the feet, front to back, at its widest."""
        feet = self._of("foot_ahead")
        return float(np.percentile(np.abs(feet[:, 0] - feet[:, 1]), 93) / self.series.leg)

    @functools.cached_property
    def straddle(self) -> float:
        """Leg lengths between the feet, sideways, at its widest."""
        feet = self._of("foot_out")
        return float(np.percentile(np.abs(feet.sum(1)), 95) / self.series.leg)

    @functools.cached_property
    def arm_swing_m(self) -> float:
        """How far the hands go to and fro, front to back: the smaller of both."""
        return float(np.ptp(self._of("hand_body")[..., 0], axis=0).min())

    @functools.cached_property
    def tiptoe(self) -> float:
        """Share of the time with both heels raised."""
        x = self._of("x")
        return float(((x[:, 7, 1] - x[:, 10, 1] > 0.115) & (x[:, 8, 1] - x[:, 11, 1] > 0.115)).mean())

    @functools.cached_property
    def sway_deg(self) -> float:
        """Standard deviation of the trunk's lean to the sides."""
        return float(np.std(self._of("lean_deg")))

    @functools.cached_property
    def lean_swings(self) -> int:
        """Leans to and fro by 8 degrees each."""
        return swings(smooth(self._of("lean_deg"), 5), 8.0)

    @functools.cached_property
    def bounce_hz(self) -> float:
        """Ups and downs of the pelvis by 3.5 cm, a second."""
        return swings(smooth(self._of("x")[:, 0, 1], 3), 0.035) / max(self.seconds, 0.5)

    @functools.cached_property
    def _jumps(self) -> list[tuple[float, float, float, float]]:
        """Of each flight: how far the pelvis rises, goes ahead and to the left (m), and turns (deg)."""
        air, pelvis = self._of("air"), self._of("x")[:, 0, 1]
        place, heading = self._of("place"), self._of("heading_deg")
        found, last = [], len(air) - 1
        for first, end in stretches(air > _AIR_M):
            if air[first:end].max() < 0.07 and end - first < 4:
                continue
            before, after = max(0, first - 6), min(last, end + 2)
            lowest = min(pelvis[before : first + 1].min(), pelvis[end - 1 : after + 1].min())
            way = place[min(last, end)] - place[max(0, first - 1)]
            yaw = np.radians(heading[first])
            ahead, left = way[0] * np.sin(yaw) + way[1] * np.cos(yaw), way[0] * np.cos(yaw) - way[1] * np.sin(yaw)
            turn = heading[after] - heading[max(0, first - 4)]
            found.append((float(pelvis[first:end].max() - lowest), float(ahead), float(left), float(turn)))
        return found

    @functools.cached_property
    def jumps(self) -> int:
        """Flights in which the pelvis rises by 10 cm."""
        return sum(jump[0] > 0.10 for jump in self._jumps)

    @functools.cached_property
    def jump_m(self) -> float:
        """The highest rise of the pelvis in a flight."""
        return max((jump[0] for jump in self._jumps), default=0.0)

    @functools.cached_property
    def jump_ahead_m(self) -> float:
        """The farthest flight to the front."""
        return max((jump[1] for jump in self._jumps), default=0.0)

    @functools.cached_property
    def jump_turn_deg(self) -> float:
        """The widest turn of a flight."""
        return max((abs(jump[3]) for jump in self._jumps if jump[0] > 0.06), default=0.0)

    @functools.cached_property
    def jumps_a_second(self) -> float:
        """Flights a second, small ones too."""
        return len(self._jumps) / max(self.seconds, 0.5)

    @functools.cached_property
    def hops(self) -> Array:
        """[2]: flights on this foot while the other one is held up."""
        foot, air = self._of("foot_up"), self._of("air")
        counts = []
        for side in SIDES:
            held = (foot[:, 1 - side] > 0.08) & (foot[:, 1 - side] > foot[:, side] + 0.05)
            counts.append(sum(len(stretches(air[f:e] > 0.03)) for f, e in stretches(held) if e - f > 9))
        return np.array(counts, float)

    @functools.cached_property
    def rise_m(self) -> float:
        """How far the pelvis gets up from its lowest before."""
        height = self._of("x")[:, 0, 1]
        return float((height - np.minimum.accumulate(height)).max())

    @functools.cached_property
    def climb_m(self) -> float:
        """Last height of the pelvis against the first."""
        height = self._of("x")[:, 0, 1]
        return float(self._edge(height, True) - self._edge(height, False))

    @functools.cached_property
    def ground_up_m(self) -> float:
        """How far the ground under the feet rises."""
        ground = self._of("ground")
        return float((ground - np.minimum.accumulate(ground)).max())

    @functools.cached_property
    def ground_down_m(self) -> float:
        """How far the ground under the feet sinks."""
        ground = self._of("ground")
        return float((np.maximum.accumulate(ground) - ground).max())

    @functools.cached_property
    def foot_above_m(self) -> Array:
        """[2]: how much higher this foot gets than the other one."""
        foot = self._of("foot_up")
        return np.percentile(foot - foot[:, ::-1], 98, axis=0)

    @functools.cached_property
    def kick_ms(self) -> Array:
        """[2]: top speed of a foot that is 15 cm above the other one, against the pelvis, its knee less bent than 95 degrees."""
        foot, knee = self._of("foot_up"), self._of("knee_deg")
        body = np.stack([self._of("foot_ahead"), self._of("foot_out"), foot], axis=-1)
        speed = np.sqrt((np.gradient(smooth(body, 3), axis=0) ** 2).sum(-1)) * RATE
        return np.where((foot - foot[:, ::-1] > 0.15) & (knee < 95), speed, 0.0).max(0)

    @functools.cached_property
    def kicks(self) -> Array:
        """[2]: times that the foot rises 35 cm above the other one."""
        foot = self._of("foot_up")
        return np.array([len(peaks(foot[:, s] - foot[:, 1 - s], 0.35, 8, 0.4)) for s in SIDES], float)

    @functools.cached_property
    def foot_held_s(self) -> Array:
        """[2]: the longest time (s) that this foot is up while the other one stands."""
        foot = self._of("foot_up")
        held = (foot > 0.10) & (foot[:, ::-1] < 0.30) & (foot > foot[:, ::-1] + 0.06)
        return np.array([longest(held[:, side]) / RATE for side in SIDES])
