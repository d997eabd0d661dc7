"""Physical metrics of a clip: they need no network, and real motion has values of its own to stand beside."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.motion.feet import detect_contacts, slide_cm_per_s
from common.motion.skeleton import CONTACT_JOINTS

from .bones import bone_drift_mm

Array = NDArray[Any]
_SKATE_M = 0.025
"""Metres a frame from which a planted foot counts as skating, .5 m/s: the measure of the diffusion papers that report a skating ratio."""


def jerk(positions: Array, fps: float) -> float:
    """Mean size of the third derivative of joint positions [frame, joint, 3] (m), in m/s^3; at least four frames."""
    return float(np.linalg.norm(np.diff(positions, n=3, axis=0), axis=-1).mean() * fps**3)


def penetration_cm(positions: Array) -> float:
    """Mean depth in cm of the lowest foot joint below the ground, y = 0; 0 where it is above."""
    lowest = positions[:, list(CONTACT_JOINTS), 1].min(axis=1)
    return float(np.maximum(0.0, -lowest).mean() * 100)


def skate_share(positions: Array, contacts: Array) -> float:
    """Share of planted feet-frames (`contacts` [frame, 4]) that move more than 2.5 cm to the next frame; 0 without any."""
    feet = positions[:, list(CONTACT_JOINTS)]
    planted = contacts[:-1] > 0.5
    moved = np.linalg.norm(np.diff(feet[..., [0, 2]], axis=0), axis=-1) > _SKATE_M
    return float(moved[planted].mean()) if planted.any() else 0.0


def metrics(positions: Array, fps: float) -> dict[str, float]:
    """All metrics of one clip by name."""
    contacts = detect_contacts(positions, fps)
    return {
        "slide_cm_s": slide_cm_per_s(positions, contacts, fps),
        "skate_share": skate_share(positions, contacts),
        "penetration_cm": penetration_cm(positions),
        "jerk_m_s3": jerk(positions, fps),
        "bone_drift_mm": bone_drift_mm(positions),
        "speed_m_s": float(np.linalg.norm(np.diff(positions[:, 0, [0, 2]], axis=0), axis=-1).mean() * fps),
    }
