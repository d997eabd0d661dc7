"""Heads that turn and nod at random on any body, so that a tokenizer learns to keep what the head does.

Captures hold few nods, and a nod moves one joint by two centimetres: a tokenizer that learns from captures alone spends its codes
on what moves more.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backend.motion.layout import Layout
from common.motion import quaternions

Array = NDArray[np.floating]

_PITCH_RAD, _YAW_RAD = (0.45, 0.35), (0.8, 0.5)
"""Farthest held turn, and widest swing, of a head on an upright neck: about 25 and 20 degrees up and down, 45 and 30 aside."""
_BEATS_HZ = (0.3, 3.0)
"""Of a slow look round, and of a quick nod."""
_MOVE_S = (0.2, 0.8)
"""How long a head takes from one held turn to the next."""


def turned_heads(
    features: NDArray[np.float32], layout: Layout, rng: np.random.Generator, chance: float
) -> NDArray[np.float32]:
    """Windows [batch, frame, d] in metres, of which a share `chance` has the head joint turned about the neck."""
    made = features.copy()
    for row in np.flatnonzero(rng.random(len(made)) < chance):
        neck, chest, left, right, head = (
            _joint(made[row], layout, name) for name in ("neck", "spine3", "left_shoulder", "right_shoulder", "head")
        )
        pitch, yaw = (_angles(len(head), layout.fps, *reach, rng) for reach in (_PITCH_RAD, _YAW_RAD))
        upright, across = (axis / np.linalg.norm(axis, axis=-1, keepdims=True) for axis in (neck - chest, left - right))
        turn = quaternions.multiply(quaternions.about(upright, yaw), quaternions.about(across, pitch))
        _joint(made[row], layout, "head")[:] = neck + quaternions.rotate(turn, head - neck)
    return made


def _joint(features: Array, layout: Layout, name: str) -> Array:
    """The positions [frame, 3] of a joint other than the root, as a view."""
    first = 4 + 3 * (layout.index[name] - 1)
    return features[:, first : first + 3]


def _angles(frames: int, fps: float, held: float, swing: float, rng: np.random.Generator) -> Array:
    """Turns [frame] in rad: one held angle, then from some frame on another one, and on them a swing that comes and goes."""
    time = np.arange(frames) / fps
    first, second = rng.uniform(-held, held, size=2) * (rng.random(2) < 0.5)
    ramp = np.clip((time - rng.uniform(0, time[-1])) / rng.uniform(*_MOVE_S), 0, 1)
    beat = np.exp(rng.uniform(*np.log(_BEATS_HZ)))
    bell = np.exp(-(((time - rng.uniform(0, time[-1])) / rng.uniform(0.3, 3.0)) ** 2))
    wave = swing * rng.random() * bell * np.sin(2 * np.pi * (beat * time + rng.random()))
    return first + (second - first) * ramp**2 * (3 - 2 * ramp) + wave
