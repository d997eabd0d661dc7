"""Captured joints -> the canonical skeleton at the backend's frame rate, standing on the ground."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from backend.motion.solve import solve
from common import FPS
from common.motion.skeleton import INDEX, REST_OFFSETS, forward_kinematics

MIN_FRAMES = 16
MAX_SPEED = 12.0
"""Metres a second of the root: beyond the fastest sprint."""
MAX_REACH = 1.5
"""Metres from the pelvis to any joint once scaled: more than any pose of the canonical skeleton."""
_GROUND_PERCENTILE = 5.0
"""Of the toes' heights: low, yet above the frames in which a foot sinks in."""
_MAX_GROUND_SHIFT = 0.25
"""Metres; sources are off by less where their feet stand on the floor at all."""
_LYING_HEIGHT = 0.06
"""Metres from the floor to the lowest joint of a body that lies: half a hand's breadth of flesh."""
_UPRIGHT_COS = np.cos(np.radians(45.0))
"""Half way between standing and lying."""
_TOES = [INDEX["left_foot"], INDEX["right_foot"]]
_LEG = [
    (INDEX[f"{side}_{a}"], INDEX[f"{side}_{b}"])
    for side in ("left", "right")
    for a, b in (("hip", "knee"), ("knee", "ankle"))
]

Array = NDArray[np.float64]


class DroppedError(ValueError):
    """A clip that must not be learnt from; the message is the reason shown in the report."""


@dataclasses.dataclass(frozen=True)
class Retargeted:
    """positions: [frame, 22, 3] m on the canonical skeleton at 20 fps; error_m: mean distance to the scaled source's joints;
    ground_shift_m: how far the clip was moved up to stand at y = 0."""

    positions: Array
    error_m: float
    ground_shift_m: float


def scaled_clip(source: Array, fps: float) -> Array:
    """The source's joints [frame, 22, 3] (m, Y up) at 20 fps, with legs as long as the canonical skeleton's.

    DroppedError with the reason if the clip is not sound.
    """
    if not np.isfinite(source).all():
        raise DroppedError("positions that are not finite")
    resampled = resample(source, fps)
    if len(resampled) < MIN_FRAMES:
        raise DroppedError(f"fewer than {MIN_FRAMES} frames at {FPS:g} fps")
    scaled = resampled * leg_ratio(resampled)
    _check(scaled)
    return scaled


def retarget(scaled: Array, rest: Array, floor: float = 0.0) -> Retargeted:
    """A clip of `scaled_clip` on the canonical skeleton; `rest` [joint, 3] (m) is its source's rest pose (`rest_pose`), `floor`
    the height (m) of its source's ground (`source_floor`)."""
    positions = forward_kinematics(*solve(scaled, rest))
    error = float(np.linalg.norm(positions - scaled, axis=-1).mean())
    shift = ground_shift(positions, floor)
    positions[..., 1] += shift
    return Retargeted(positions, error, shift)


def resample(positions: Array, fps: float) -> Array:
    """Positions [frame, joint, 3] at 20 fps, by cubic splines through the frames; the last frame is never passed."""
    duration = (len(positions) - 1) / fps
    frames = int(np.floor(duration * FPS + 1e-6)) + 1
    if len(positions) < 4:
        return positions[:frames]
    return CubicSpline(np.arange(len(positions)) / fps, positions)(np.arange(frames) / FPS)


def leg_ratio(positions: Array) -> float:
    """Canonical over source leg length (hip to knee to ankle, the median over the clip [frame, 22, 3])."""
    source = sum(np.median(np.linalg.norm(positions[:, b] - positions[:, a], axis=-1)) for a, b in _LEG)
    canonical = sum(np.linalg.norm(REST_OFFSETS[b]) for _, b in _LEG)
    if source < 1e-3:
        raise DroppedError("legs without length")
    return float(canonical / source)


def _check(scaled: Array) -> None:
    speed = np.linalg.norm(np.diff(scaled[:, 0], axis=0), axis=-1).max() * FPS
    if speed > MAX_SPEED:
        raise DroppedError(f"the root moves at {speed:.1f} m/s")
    reach = np.linalg.norm(scaled - scaled[:, :1], axis=-1).max()
    if reach > MAX_REACH:
        raise DroppedError(f"a joint {reach:.2f} m from the pelvis")


def ground_shift(positions: Array, floor: float = 0.0) -> float:
    """Metres up that bring the soles to y = 0: a low percentile of the lower toe joint's height over upright frames.

    Lying figures tell little of the floor (a skeleton has no thickness), so they count only where nobody is ever upright;
    then the lowest joint shall lie a hand's breadth high. `floor` is where the source's own ground roughly is; feet that
    are clearly above it never stand on it (climbing, hanging, a jump's flight), and such a clip keeps that ground. Nobody's
    feet are clearly below the ground.
    """
    height = _height(positions)
    if height is None:
        height = float(np.percentile(positions[..., 1].min(axis=1) - _LYING_HEIGHT, _GROUND_PERCENTILE))
    return -height if height - floor <= _MAX_GROUND_SHIFT else -floor


def source_floor(clips: Iterable[Array]) -> float:
    """Height (m) of the ground of one source's clips [frame, 22, 3] (m): the median of where their feet stand, of two the lower.

    0 where that is nearly so, or where nobody is upright: captures without a calibrated ground, or with the pelvis for their
    origin, are clearly off.
    """
    heights = [height for clip in clips if (height := _height(clip)) is not None]
    floor = float(np.percentile(heights, 50.0, method="lower")) if heights else 0.0
    return floor if abs(floor) > _MAX_GROUND_SHIFT else 0.0


def _height(positions: Array) -> float | None:
    """Where the lower toe joint is while the figure is upright; None for too few such frames."""
    trunk = positions[:, INDEX["neck"]] - positions[:, 0]
    upright = trunk[:, 1] > _UPRIGHT_COS * np.linalg.norm(trunk, axis=-1)
    if upright.sum() < MIN_FRAMES:
        return None
    return float(np.percentile(positions[upright][:, _TOES, 1].min(axis=1), _GROUND_PERCENTILE))
