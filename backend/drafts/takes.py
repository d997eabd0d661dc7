"""Takes cut to measure, as features [frame, 67]: cropped, repeated, held, chained, or the arms of one on the body of another.

Nothing is stretched: speed is part of what an action is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Features = NDArray[np.float32]

_MOTION, _POSE = slice(0, 3), slice(4, None)
_BLEND = 4
"""Frames over which a jump between two poses is spread on each side: 0.2 s."""
_CYCLE_S = 0.6
"""Shortest stretch that is repeated: a double step of a run (.65 s at 4 m/s; a walk's takes a second)."""
_RATE = 20
_NECK, _HEAD = 12, 15
_ARMS = ((13, 16, 18, 20), (14, 17, 19, 21))
_HEADED = (12, 15)


def fitted(take: Features, frames: int, once: bool) -> Features:
    """A take of `frames` frames: its first ones, or all of it and then more of the same; `once`: then the last pose, at rest."""
    if len(take) >= frames:
        return take[:frames]
    if once or len(take) < 1.5 * _CYCLE_S * _RATE:
        return at_rest(take, frames)
    first, end = cycle(take)
    made = take[:end]
    while len(made) < frames:
        made = joined(made, take[first:end])
    return made[:frames]


def at_rest(take: Features, frames: int) -> Features:
    """A take continued to `frames` by its last pose, without travel; the speed fades out over four frames."""
    still = np.repeat(take[-1:], frames - len(take), axis=0)
    fade = np.zeros(len(still), np.float32)
    fade[:_BLEND] = np.linspace(0.8, 0.0, _BLEND)[: len(fade)]
    still[:, _MOTION] *= fade[:, None]
    return np.concatenate([take, still])


def cycle(take: Features) -> tuple[int, int]:
    """(first, end) frames of the stretch whose end is most like its beginning, in pose and in the speed of the pose."""
    pose = np.concatenate([take[:, _POSE], take[:, 3:4] * 3.0], axis=1)
    speed = np.gradient(pose, axis=0) * 5.0
    state = np.concatenate([pose, speed, take[:, _MOTION] * 10.0], axis=1)
    apart = ((state[:, None] - state[None]) ** 2).mean(-1)
    length = np.arange(len(take))[None] - np.arange(len(take))[:, None]
    shortest = max(int(_CYCLE_S * _RATE), len(take) // 3)
    apart = np.where(length >= shortest, apart, np.inf)
    first, end = np.unravel_index(int(np.argmin(apart)), apart.shape)
    return int(first), int(end)


def joined(first: Features, second: Features) -> Features:
    """One take after another; the difference of their poses at the border fades out on both sides."""
    ramp = (np.arange(1, _BLEND + 1) / (2 * _BLEND)).astype(np.float32)[:, None]
    gap = second[0, 3:] - first[-1, 3:]
    before, after = first.copy(), second.copy()
    count = min(_BLEND, len(first)), min(_BLEND, len(second))
    before[len(before) - count[0] :, 3:] += ramp[_BLEND - count[0] :] * gap
    after[: count[1], 3:] -= ramp[::-1][: count[1]] * gap
    return np.concatenate([before, after])


def chained(takes: list[Features]) -> Features:
    """Takes one after another."""
    made = takes[0]
    for take in takes[1:]:
        made = joined(made, take)
    return made


def overlaid(base: Features, other: Features, carried: str, side: int | None) -> Features:
    """`base` with the arms (or that of one side), or the head, of `other`, which keep their place against the neck.

    Both of the same length. Heading frames agree by construction, so positions need no turning.
    """
    joints = _HEADED if carried == "head" else _ARMS[side] if side is not None else (*_ARMS[0], *_ARMS[1])
    made = base.copy()
    if carried == "head":
        joints = (_HEAD,)
    for joint in joints:
        made[:, _at(joint)] = base[:, _at(_NECK)] + other[:, _at(joint)] - other[:, _at(_NECK)]
    return made


def _at(joint: int) -> slice:
    """Where a joint's three numbers stand in a row."""
    return slice(4 + 3 * (joint - 1), 4 + 3 * joint)
