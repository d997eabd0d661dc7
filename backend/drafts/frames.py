"""What a body does from frame to frame, measured on joint positions: the ground of all facts about a clip.

Metres, seconds, degrees; lengths of the body are in arm or leg lengths, so that small and tall figures measure alike. Arrays
with a last axis of two hold the left side first. Speeds are smoothed over about a third of a second: capture and generated
motion tremble by some millimetres a frame, which is 10 cm/s.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

RATE = 20.0
"""Frames a second of every clip that is measured."""

UP = np.array([0.0, 1.0, 0.0])
_MIN_FRAMES = 4
HIPS, KNEES, ANKLES, TOES = [1, 2], [4, 5], [7, 8], [10, 11]
SHOULDERS, ELBOWS, WRISTS = [16, 17], [18, 19], [20, 21]
PELVIS, SPINE1, SPINE2, CHEST, NECK, HEAD = 0, 3, 6, 9, 12, 15
ANKLE_M = 0.08
"""Height of a standing ankle."""
_GROUND_FRAMES = 31
"""The ground is the lowest foot within 0.75 s on either side: longer than any flight, shorter than a stair's landing."""


def smooth(values: Array, frames: int) -> Array:
    """Moving average over `frames` along the first axis; the ends repeat."""
    if frames <= 1:
        return values
    pad = [(frames // 2, frames - 1 - frames // 2)] + [(0, 0)] * (values.ndim - 1)
    total = np.cumsum(np.pad(values, pad, mode="edge"), axis=0)
    total = np.concatenate([np.zeros_like(total[:1]), total])
    return (total[frames:] - total[:-frames]) / frames


def length(vectors: Array) -> Array:
    """Euclidean norm over the last axis."""
    return np.sqrt((vectors * vectors).sum(-1))


def angle_deg(a: Array, b: Array) -> Array:
    """Angle between vectors [..., 3]."""
    return np.degrees(np.arccos(np.clip((a * b).sum(-1) / np.maximum(length(a) * length(b), 1e-9), -1.0, 1.0)))


class Frames:
    """Joint positions [frame, 22, 3] (m, Y up) at 20 frames a second, where the body faces and how its trunk is held."""

    def __init__(self, joints: NDArray[np.floating]) -> None:
        x = np.asarray(joints, np.float64)
        if len(x) < _MIN_FRAMES:
            x = np.concatenate([x, np.repeat(x[-1:], _MIN_FRAMES - len(x), axis=0)])
        self.x = x
        self.frames = len(x)

    @functools.cached_property
    def floor(self) -> float:
        """Height of the floor: the lowest joint of nearly all frames."""
        return float(np.percentile(self.x[..., 1].min(1), 5))

    @functools.cached_property
    def thigh(self) -> float:
        """m."""
        return float(np.median(length(self.x[:, 1] - self.x[:, 4])))

    @functools.cached_property
    def leg(self) -> float:
        """Hip to ankle, m."""
        return self.thigh + float(np.median(length(self.x[:, 4] - self.x[:, 7])))

    @functools.cached_property
    def arm(self) -> float:
        """Shoulder to wrist, m."""
        upper = np.median(length(self.x[:, 16] - self.x[:, 18]))
        return float(upper + np.median(length(self.x[:, 18] - self.x[:, 20])))

    @functools.cached_property
    def heading(self) -> Array:
        """[frame] rad, unwrapped, growing to the left: where hips and shoulders face; kept where the body lies too flat to tell."""
        across = (self.x[:, 1] - self.x[:, 2]) + (self.x[:, 16] - self.x[:, 17])
        forward = np.cross(across, UP)
        clear = length(forward) > 0.12
        heading = np.arctan2(forward[:, 0], forward[:, 2])
        if clear.any() and not clear.all():
            first = np.flatnonzero(clear)[0]
            heading = heading[np.maximum.accumulate(np.where(clear, np.arange(self.frames), first))]
        return np.unwrap(heading)

    @functools.cached_property
    def heading_deg(self) -> Array:
        """[frame]: `heading`, smoothed."""
        return smooth(np.degrees(self.heading), 5)

    @functools.cached_property
    def turning(self) -> Array:
        """[frame] degrees a second, to the left."""
        return smooth(np.gradient(self.heading_deg) * RATE, 7)

    @functools.cached_property
    def forward(self) -> Array:
        """[frame, 3]: unit vectors to the body's front, level."""
        return np.stack([np.sin(self.heading), np.zeros(self.frames), np.cos(self.heading)], axis=1)

    @functools.cached_property
    def leftward(self) -> Array:
        """[frame, 3]: unit vectors to the body's left, level."""
        return np.stack([np.cos(self.heading), np.zeros(self.frames), -np.sin(self.heading)], axis=1)

    def ahead_of(self, vectors: Array) -> Array:
        """Share to the front of vectors [frame, side, 3] -> [frame, side]."""
        return np.einsum("fsk,fk->fs", vectors, self.forward)

    def outward(self, vectors: Array) -> Array:
        """Share away from the body of vectors [frame, side, 3]: left ones to the left, right ones to the right -> [frame, side]."""
        return np.einsum("fsk,fk->fs", vectors, self.leftward) * (1.0, -1.0)

    @functools.cached_property
    def place(self) -> Array:
        """[frame, 2] m: the pelvis over the ground, smoothed."""
        return smooth(self.x[:, PELVIS][:, [0, 2]], 7)

    @functools.cached_property
    def velocity(self) -> Array:
        """[frame, 2] m/s: to the front and to the left."""
        v = np.gradient(self.place, axis=0) * RATE
        sin, cos = np.sin(self.heading), np.cos(self.heading)
        return smooth(np.stack([v[:, 0] * sin + v[:, 1] * cos, v[:, 0] * cos - v[:, 1] * sin], axis=1), 9)

    @functools.cached_property
    def speed(self) -> Array:
        """[frame] m/s."""
        return length(self.velocity)

    @functools.cached_property
    def course_deg(self) -> Array:
        """[frame]: where the way over the ground leads, unwrapped, growing to the left."""
        v = smooth(np.gradient(self.place, axis=0), 9)
        return np.degrees(np.unwrap(np.arctan2(v[:, 0], v[:, 1])))

    @functools.cached_property
    def pelvis(self) -> Array:
        """[frame] leg lengths above the floor: about 1.17 standing, .8 on a chair, .3 on the ground."""
        return (self.x[:, PELVIS, 1] - self.floor) / self.leg

    @functools.cached_property
    def ground(self) -> Array:
        """[frame] m: the ground under the feet, which stairs and boxes raise."""
        half = _GROUND_FRAMES // 2
        lowest = np.minimum(self.x[:, ANKLES, 1] - 0.06, self.x[:, TOES, 1]).min(1)
        around = np.lib.stride_tricks.sliding_window_view(np.pad(lowest, half, mode="edge"), _GROUND_FRAMES)
        return smooth(around.min(1), half)

    @functools.cached_property
    def air(self) -> Array:
        """[frame] m: how far the lower foot is above the ground."""
        lowest = np.minimum(self.x[:, ANKLES, 1] - 0.06, self.x[:, TOES, 1]).min(1)
        return lowest - np.minimum(self.ground, lowest)

    @functools.cached_property
    def trunk(self) -> Array:
        """[frame, 3] m: pelvis to neck."""
        return self.x[:, NECK] - self.x[:, PELVIS]

    @functools.cached_property
    def tilt_deg(self) -> Array:
        """[frame]: the trunk against the vertical, any way."""
        return angle_deg(self.trunk, UP)

    @functools.cached_property
    def pitch_deg(self) -> Array:
        """[frame]: the trunk's tilt to the front."""
        return np.degrees(np.arctan2((self.trunk * self.forward).sum(1), self.trunk[:, 1]))

    @functools.cached_property
    def lean_deg(self) -> Array:
        """[frame]: the trunk's tilt to the left."""
        return np.degrees(np.arctan2((self.trunk * self.leftward).sum(1), np.abs(self.trunk[:, 1]) + 0.05))

    @functools.cached_property
    def twist_deg(self) -> Array:
        """[frame]: shoulders turned against the hips, to the left."""
        hips, shoulders = (np.cross(self.x[:, a] - self.x[:, b], UP) for a, b in ((1, 2), (16, 17)))
        yaws = [np.unwrap(np.arctan2(v[:, 0], v[:, 2])) for v in (shoulders, hips)]
        twist = np.degrees(yaws[0] - yaws[1])
        return twist - 360.0 * np.round(np.median(twist) / 360.0)

    @functools.cached_property
    def chest_up(self) -> Array:
        """[frame] -1..1: 1 with the chest to the sky, -1 with it to the ground."""
        normal = np.cross(self.x[:, 16] - self.x[:, 17], self.trunk)
        return normal[:, 1] / np.maximum(length(normal), 1e-9)

    @functools.cached_property
    def head_deg(self) -> Array:
        """[frame, 3]: the head against the shoulders: forward, to the left, and the turn to the left that its offset shows."""
        head = self.x[:, HEAD] - self.x[:, NECK]
        front = np.cross(self.x[:, 16] - self.x[:, 17], UP)
        front /= np.maximum(length(front), 1e-9)[:, None]
        left = np.cross(UP, front)
        ahead, aside = (head * front).sum(1), (head * left).sum(1)
        angles = (
            np.arctan2(ahead, head[:, 1]),
            np.arctan2(aside, head[:, 1]),
            np.arctan2(aside, np.maximum(ahead, 0.02)),
        )
        return np.degrees(np.stack(angles, axis=1))

    @functools.cached_property
    def activity(self) -> Array:
        """[frame] m/s: mean speed of the joints in the pelvis' frame."""
        local = self.x - self.x[:, :1]
        return length(np.gradient(smooth(local, 3), axis=0) * RATE).mean(1)
