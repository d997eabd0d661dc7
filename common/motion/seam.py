"""A new stretch of motion between frames that stay: position and velocity meet at both borders; and how well they meet.

The stretch was made together with what stands beside it, so it is near; what is left is a small offset at each border, in
every turn and every place. The offset is carried into the stretch and fades there on a cubic that begins with the offset's
own value and speed (inertialization, Bollo, GDC 2018).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .. import FPS
from . import quaternions

Array = NDArray[np.float64]

FADE_S = 0.5
FADE_FRAMES = round(FADE_S * FPS)
"""Frames in which an offset fades; a short stretch has half of its own length."""


def joined(
    new: tuple[Array, Array], old: tuple[Array, Array], start: int, end: int, longest: int = FADE_FRAMES
) -> tuple[Array, Array]:
    """(rotations [frame, n, 4], places [frame, ..., 3]) of `old` with the frames start ... end - 1 from `new`, borders met.

    Both have the same frames; each is read two frames beyond each border, as far as there are any. Frames outside
    the range are those of `old`, bit for bit. longest: frames in which an offset fades at most.
    """
    rotations, places = old[0].copy(), old[1].copy()
    inside_rotations, inside_places = new[0][start:end].copy(), new[1][start:end].copy()
    count = end - start
    for at, before, towards in ((start - 1, start - 2, 1), (end, end + 1, -1)):
        if not 0 <= at < len(places):
            continue
        has_speed = 0 <= before < len(places)
        place = old[1][at] - new[1][at]
        turn = rotation_vectors(old[0][at], new[0][at])
        place_step = place - (old[1][before] - new[1][before]) if has_speed else np.zeros_like(place)
        turn_step = turn - rotation_vectors(old[0][before], new[0][before]) if has_speed else np.zeros_like(turn)
        fade = min(longest, max(1, count // 2))
        value, speed = _fading(fade)
        frames = np.arange(fade) if towards > 0 else count - 1 - np.arange(fade)
        inside_places[frames] += np.multiply.outer(value, place) + np.multiply.outer(speed, place_step)
        vector = np.multiply.outer(value, turn) + np.multiply.outer(speed, turn_step)
        inside_rotations[frames] = quaternions.multiply(turned_by(vector), inside_rotations[frames])
    rotations[start:end], places[start:end] = inside_rotations, inside_places
    return rotations, places


def _fading(frames: int) -> tuple[Array, Array]:
    """Weights [frame] of an offset and of its step per frame, at 1 ... `frames` frames from where they are 1 and 0, 1.

    The Hermite cubics that end at zero without speed, a frame after the last.
    """
    span = frames + 1
    t = np.arange(1, span) / span
    return (1 + 2 * t) * (1 - t) ** 2, t * (1 - t) ** 2 * span


def rotation_vectors(a: Array, b: Array) -> Array:
    """[..., 3]: the rotation vector of the turn that takes `b` [..., 4] to `a`, the shorter way."""
    turn = quaternions.multiply(a, quaternions.inverse(b))
    turn = np.where(turn[..., :1] < 0.0, -turn, turn)
    sine = np.linalg.norm(turn[..., 1:], axis=-1, keepdims=True)
    angle = 2.0 * np.arctan2(sine, turn[..., :1])
    return np.where(sine > 1e-9, turn[..., 1:] / np.maximum(sine, 1e-9), 0.0) * angle


def turned_by(vector: Array) -> Array:
    """[..., 4]: the rotations of rotation vectors [..., 3]."""
    angle = np.linalg.norm(vector, axis=-1)
    return quaternions.about(vector / np.maximum(angle, 1e-12)[..., None], angle)


def frame_step(positions: NDArray[np.floating]) -> float:
    """The median over frames of how far the joints of `positions` [frame, joint, 3] go in a frame, a mean over joints."""
    steps = np.diff(np.asarray(positions, np.float64), axis=0)
    return float(np.median(np.linalg.norm(steps, axis=-1).mean(axis=-1))) if len(steps) else 0.0


def seam_jump(positions: NDArray[np.floating], at: int, step: float | None = None) -> tuple[float, float]:
    """(position, velocity): the jumps of a clip between frames at - 1 and `at`, in median frame steps of the whole clip.

    positions: [frame, joint, 3] metres. Position: how far the joints are at `at` from where the mean speed of the frames
    before and after takes them; velocity: how much their speed changes there; both a mean over joints. 0 at a clip's ends.
    step: the clip's `frame_step`, where `positions` are only a part of it.
    """
    p = np.asarray(positions, np.float64)
    if not 2 <= at < len(p) - 1:
        return 0.0, 0.0
    steps = np.diff(p[at - 2 : at + 2], axis=0)
    unit = max(frame_step(p) if step is None else step, 1e-6)
    place = np.linalg.norm(steps[1] - (steps[0] + steps[2]) / 2, axis=-1).mean()
    speed = np.linalg.norm(steps[1] - steps[0], axis=-1).mean()
    return float(place / unit), float(speed / unit)
