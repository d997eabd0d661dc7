"""How far each foot must move, frame by frame, to stand still while it stands."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from .contacts import runs

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Edge = tuple[Array, Array]
"""A shift [3] (m) and its change per frame."""

BLEND_FRAMES = 5
"""Frames in which a foot goes back to its own path before and after a stance, at 20 frames a second."""
LEG_SHARE_M = 0.06
"""A stance that slides further than this from its middle is a sliding body: the body takes the rest."""
_HORIZONTAL = np.array([1.0, 0.0, 1.0])


def foot_shift(ankle: Array, toes: Array, standing: Flags, blend: int = BLEND_FRAMES) -> Array:
    """[frame, 3] metres, horizontal: added to a foot's path it stands still in each stance, at its median place there.

    ankle, toes: [frame, 3] metres; standing: [frame, 2], ankle and toes. The ankle is held while it stands, then the
    toes; the foot changes over without a step. Between stances smooth curves of `blend` frames, see `fill`.
    """
    shift = np.zeros_like(ankle)
    stances = runs(np.any(standing, axis=1))
    for start, end in stances:
        shift[start:end] = _stance(ankle[start:end], toes[start:end], standing[start:end])
    fill(shift, stances, blend)
    return shift


def body_shift(ankles: Array, toes: Array, standing: Flags, blend: int = BLEND_FRAMES) -> Array:
    """[frame, 3] metres, horizontal: the part of the slide that legs alone cannot take without leaning for ever.

    ankles, toes: [frame, leg, 3] metres; standing: [frame, leg, 2]. Zero for a clip whose stances slide little.
    blend: half the frames over which the body's way is smoothed.
    """
    travel = np.zeros(ankles.shape)
    for leg in range(ankles.shape[1]):
        for start, end in runs(np.any(standing[:, leg], axis=1)):
            shift = _stance(ankles[start:end, leg], toes[start:end, leg], standing[start:end, leg])
            length = np.linalg.norm(shift, axis=-1, keepdims=True)
            excess = shift * (1.0 - LEG_SHARE_M / np.maximum(length, LEG_SHARE_M))
            travel[start + 1 : end, leg] = excess[1:] - excess[:-1]
    legs = np.maximum(standing.any(axis=2).sum(axis=1), 1)
    path = np.cumsum(travel.sum(axis=1) / legs[:, None], axis=0)
    padded = np.pad(path, ((blend, blend), (0, 0)), mode="edge")
    return np.lib.stride_tricks.sliding_window_view(padded, 2 * blend + 1, axis=0).mean(axis=-1)


def _stance(ankle: Array, toes: Array, standing: Flags) -> Array:
    """[frame, 3] metres with median zero: minus the horizontal slide of the part that stands.

    The median, since the frames of landing and leaving move most and say least about where the foot stands.
    """
    on_ankle = (standing[1:, 0] & standing[:-1, 0])[:, None]
    slide = np.where(on_ankle, ankle[1:] - ankle[:-1], toes[1:] - toes[:-1]) * _HORIZONTAL
    shift = np.concatenate([np.zeros((1, 3)), -np.cumsum(slide, axis=0)])
    ordered = np.sort(shift, axis=0)  # several times faster than np.median on arrays as short as these
    return shift - (ordered[(len(shift) - 1) // 2] + ordered[len(shift) // 2]) / 2.0


def fill(shift: Array, stances: list[tuple[int, int]], blend: int) -> None:
    """Fills the frames of `shift` [frame, 3] between stances: cubic curves that leave and meet the stances' shift at its own speed.

    A long gap goes to no shift and back, `blend` frames each; a short one straight from stance to stance.
    """
    frames = len(shift)
    still: Edge = (np.zeros(3), np.zeros(3))
    filled: list[tuple[int, Array]] = []
    for (before, left), (right, after) in zip([(0, 0), *stances], [*stances, (frames, frames)], strict=True):
        start = (shift[left - 1], shift[left - 1] - shift[max(left - 2, before)]) if left > 0 else still
        end = (shift[right], shift[min(right + 1, after - 1)] - shift[right]) if right < frames else still
        gap = right - left
        if left > 0 and right < frames and gap <= 2 * blend:
            filled.append((left, _between(start, end, gap)))
            continue
        count = min(blend, gap)
        filled.append((left, _between(start, still, blend)[:count]))
        filled.append((right - count, _between(still, end, blend)[blend - count :]))
    for first, curve in filled:
        shift[first : first + len(curve)] += curve


def _between(start: Edge, end: Edge, count: int) -> Array:
    """[count, 3]: the frames between two edges, on the cubic Hermite curve that has their speeds."""
    return _hermite(count) @ np.stack([start[0], start[1], end[0], end[1]])


@functools.cache
def _hermite(count: int) -> Array:
    """[count, 4]: weights of the first edge's shift and speed and of the second's, frame by frame between them."""
    span = count + 1
    t = np.arange(1, span) / span
    weights = [(1 + 2 * t) * (1 - t) ** 2, t * (1 - t) ** 2 * span, t**2 * (3 - 2 * t), t**2 * (t - 1) * span]
    return np.stack(weights, axis=1)
