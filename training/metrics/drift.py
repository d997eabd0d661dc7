"""Does a long clip wear off? Its last seconds beside its first: height, turning, speed, sliding feet."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.motion.contacts import slide_cm_per_s
from backend.motion.features import heading
from backend.motion.feet import detect_contacts
from common.errors import InputError

Array = NDArray[Any]
SECONDS = 5.0


def drift(positions: Array, fps: float, seconds: float = SECONDS) -> dict[str, float]:
    """What the last `seconds` of joint positions [frame, 22, 3] (m) have more than the first ones, by name.

    height_m: mean height of the pelvis; turn_deg_s: mean size of the heading's change; speed_m_s: over the ground; slide_cm_s:
    of planted feet. InputError for a clip that is shorter than both.
    """
    frames = round(seconds * fps)
    if len(positions) < 2 * frames:
        raise InputError("frames of the clip", len(positions), f"{2 * frames} or more, twice {seconds:g} s")
    first, last = (_figures(part, fps) for part in (positions[:frames], positions[-frames:]))
    return {name: last[name] - first[name] for name in first}


def _figures(positions: Array, fps: float) -> dict[str, float]:
    return {
        "height_m": float(positions[:, 0, 1].mean()),
        "turn_deg_s": float(np.degrees(np.abs(np.diff(heading(positions)))).mean() * fps),
        "speed_m_s": float(np.linalg.norm(np.diff(positions[:, 0, [0, 2]], axis=0), axis=-1).mean() * fps),
        "slide_cm_s": slide_cm_per_s(positions, detect_contacts(positions, fps), fps),
    }
