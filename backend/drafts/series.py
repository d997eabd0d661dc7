"""What arms and legs do from frame to frame, and the posture that all of the body makes."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from .frames import (
    ANKLE_M,
    ANKLES,
    CHEST,
    ELBOWS,
    HEAD,
    HIPS,
    KNEES,
    NECK,
    PELVIS,
    RATE,
    SHOULDERS,
    SPINE1,
    SPINE2,
    UP,
    WRISTS,
    Array,
    Frames,
    angle_deg,
    length,
    smooth,
)

__all__ = ["RATE", "Array", "Series", "smooth"]


class Series(Frames):
    """All per-frame measures of joint positions [frame, 22, 3] (m, Y up) at 20 frames a second; each is made when first asked for."""

    @functools.cached_property
    def knee_deg(self) -> Array:
        """[frame, side]: bend of the knee, 0 straight."""
        x = self.x
        return 180.0 - angle_deg(x[:, HIPS] - x[:, KNEES], x[:, ANKLES] - x[:, KNEES])

    @functools.cached_property
    def thigh_up(self) -> Array:
        """[frame, side]: -1 the thigh hangs, 0 level, 1 straight up."""
        return (self.x[:, KNEES, 1] - self.x[:, HIPS, 1]) / self.thigh

    @functools.cached_property
    def shank_deg(self) -> Array:
        """[frame, side]: the lower leg against the vertical."""
        return angle_deg(self.x[:, KNEES] - self.x[:, ANKLES], UP)

    @functools.cached_property
    def foot_up(self) -> Array:
        """[frame, side] m: the ankle above where it stands."""
        return self.x[:, ANKLES, 1] - self.ground[:, None] - ANKLE_M

    @functools.cached_property
    def foot_ahead(self) -> Array:
        """[frame, side] m: the ankle before the pelvis."""
        return self.ahead_of(self.x[:, ANKLES] - self.x[:, :1])

    @functools.cached_property
    def foot_out(self) -> Array:
        """[frame, side] m: the ankle beside the pelvis."""
        return self.outward(self.x[:, ANKLES] - self.x[:, :1])

    @functools.cached_property
    def foot_speed(self) -> Array:
        """[frame, side] m/s over the ground."""
        return length(np.gradient(smooth(self.x[:, ANKLES], 3), axis=0) * RATE)

    @functools.cached_property
    def hand(self) -> Array:
        """[frame, side, 3] m: shoulder to wrist."""
        return self.x[:, WRISTS] - self.x[:, SHOULDERS]

    @functools.cached_property
    def hand_up(self) -> Array:
        """[frame, side] arm lengths above the shoulder: -1 the arm hangs, 0 level, 1 straight up."""
        return self.hand[..., 1] / self.arm

    @functools.cached_property
    def hand_ahead(self) -> Array:
        """[frame, side] arm lengths before the shoulder."""
        return self.ahead_of(self.hand) / self.arm

    @functools.cached_property
    def hand_out(self) -> Array:
        """[frame, side] arm lengths outward from the shoulder; negative across the body."""
        return self.outward(self.hand) / self.arm

    @functools.cached_property
    def reach(self) -> Array:
        """[frame, side] arm lengths: shoulder to wrist, 1 stretched."""
        return length(self.hand) / self.arm

    @functools.cached_property
    def hand_height(self) -> Array:
        """[frame, side] m above the floor."""
        return self.x[:, WRISTS, 1] - self.floor

    @functools.cached_property
    def hand_body(self) -> Array:
        """[frame, side, 3] m: the wrist from the pelvis: to the front, outward, up."""
        away = self.x[:, WRISTS] - self.x[:, :1]
        return np.stack([self.ahead_of(away), self.outward(away), away[..., 1]], axis=-1)

    @functools.cached_property
    def hand_velocity(self) -> Array:
        """[frame, side, 3] m/s in the body's frame, as `hand_body`."""
        return np.gradient(smooth(self.hand_body, 3), axis=0) * RATE

    @functools.cached_property
    def hand_speed(self) -> Array:
        """[frame, side] m/s in the body's frame."""
        return length(self.hand_velocity)

    @functools.cached_property
    def elbow_deg(self) -> Array:
        """[frame, side]: bend of the elbow, 0 straight."""
        x = self.x
        return 180.0 - angle_deg(x[:, SHOULDERS] - x[:, ELBOWS], x[:, WRISTS] - x[:, ELBOWS])

    @functools.cached_property
    def elbow_up(self) -> Array:
        """[frame, side] arm lengths above the shoulder."""
        return (self.x[:, ELBOWS, 1] - self.x[:, SHOULDERS, 1]) / self.arm

    @functools.cached_property
    def gap(self) -> Array:
        """[frame] m between the wrists."""
        return length(self.x[:, 20] - self.x[:, 21])

    @functools.cached_property
    def targets(self) -> dict[str, Array]:
        """Place on the body -> [frame, side] m: how far the wrist is from it. A wrist is a palm's length off what the hand touches."""
        x, front = self.x, self.forward[:, None]
        hands = x[:, WRISTS]
        head, chest = x[:, HEAD], (x[:, CHEST] + x[:, NECK]) / 2
        belly = (x[:, SPINE1] + x[:, SPINE2]) / 2
        feet = [[10, 11], [11, 10], [7, 8], [8, 7]]
        return {
            "head": length(hands - head[:, None] - 0.06 * front),
            "mouth": length(hands - head[:, None] - 0.10 * front + 0.03 * UP),
            "crown": length(hands - head[:, None] - 0.15 * UP),
            "hip": length(hands - x[:, HIPS] - 0.10 * UP),
            "chest": length(hands - chest[:, None] - 0.12 * front),
            "belly": length(hands - belly[:, None] - 0.12 * front),
            "other_shoulder": length(hands - x[:, [17, 16]]),
            "other_elbow": length(hands - x[:, [19, 18]]),
            "other_wrist": length(hands - x[:, [21, 20]]),
            "knee": np.minimum(length(hands - x[:, KNEES]), length(hands - x[:, [5, 4]])),
            "foot": np.min([length(hands - x[:, pair]) for pair in feet], axis=0),
        }

    @functools.cached_property
    def postures(self) -> dict[str, NDArray[np.bool_]]:
        """Name -> [frame]: upside_down, lying, fours, plank, kneeling, sitting (chair), floor (seated on it), squatting, bent."""
        p, tilt = self.pelvis, self.tilt_deg
        heights = self.x[..., 1] - self.floor
        low_knee, hands_down = heights[:, KNEES].min(1), heights[:, WRISTS].max(1) < 0.28
        down = heights[:, HEAD] < heights[:, PELVIS] - 0.1
        upside = down & (heights[:, ANKLES].min(1) > heights[:, PELVIS] - 0.1)
        fours = (p > 0.32) & (p < 0.95) & (tilt > 45) & hands_down & (low_knee < 0.25) & ~upside
        plank = (p < 0.75) & (tilt > 50) & hands_down & (self.knee_deg.min(1) < 50) & (self.chest_up < -0.2) & ~upside
        lying = (heights[:, NECK] < 0.62 * self.leg) & (tilt > 55) & (p < 0.55) & ~fours & ~plank & ~upside
        folded = ((self.knee_deg > 60) & (self.shank_deg > 40)).any(1)
        kneeling = (low_knee < 0.21) & (p > 0.28) & (p < 0.85) & (tilt < 50) & folded
        level = self.thigh_up.mean(1) > -0.62
        sitting = level & (tilt < 50) & (p > 0.35) & (p < 0.98) & (self.shank_deg.mean(1) < 50) & ~kneeling
        floor = (p < 0.38) & (tilt < 55) & ~kneeling
        squatting = (p < 0.80) & (tilt < 70) & (self.knee_deg.min(1) > 55) & ~kneeling & ~floor
        bent = (p > 0.62) & (self.pitch_deg > 42) & ~fours & ~upside & ~plank
        return {
            "upside_down": upside, "lying": lying, "fours": fours, "plank": plank, "kneeling": kneeling,
            "sitting": sitting, "floor": floor, "squatting": squatting, "bent": bent,
        }  # fmt: skip
