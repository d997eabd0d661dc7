"""Hands that keep their place while they rest on something; no bpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...common.motion.feet.contacts import runs, steady, velocity
from ...common.motion.feet.stance import fill
from ...common.rigs.bone_map import SIDES
from . import limbs
from .fit import Fit
from .kinematics import Kinematics
from .rest import ArmaturePose

Array = NDArray[np.float64]

BLEND_S = 0.25
"""Seconds in which a hand goes back to its own path before and after a rest."""
_STILL_SPEED, _LEAVE_SPEED = 0.1, 0.25
_DRIFT_M = 0.06
_SHORTEST_S = 0.2


def pin(fit: Fit, pose: ArmaturePose, fps: float) -> ArmaturePose:
    """The pose, at `fps` frames a second, in which each hand that is at rest stays at the middle of where it was.

    A rest begins below 0.1 m/s, in the figure's own size, and lasts until clearly faster. Arms reach the place in the
    plane of their elbows, hands keep their orientation. A rig without hand bones is left as it is.
    """
    ends = {}
    for side in SIDES:
        if fit.bones(f"{side}_wrist"):
            wrist = limbs.places(fit, Kinematics(fit.rest, pose), [f"{side}_wrist"])[:, 0]
            shift = _shift(wrist, fps)
            if shift.any():
                ends[side] = wrist + shift
    return limbs.reaching(fit, pose, limbs.ARM, ends) if ends else pose


def _shift(wrist: Array, fps: float) -> Array:
    """[frame, 3] metres: from a wrist's path [frame, 3] to its places of rest, smooth between them."""
    speed = np.linalg.norm(velocity(wrist, fps), axis=-1, keepdims=True)
    never = np.zeros(speed.shape, bool)
    still = steady(speed < _STILL_SPEED, speed < _LEAVE_SPEED, never, max(2, round(_SHORTEST_S * fps)))
    shift, rests = np.zeros_like(wrist), []
    for start, end in runs(still[:, 0]):
        way = np.median(wrist[start:end], axis=0) - wrist[start:end]
        if np.linalg.norm(way, axis=-1).max() < _DRIFT_M:  # one that goes further moves slowly
            shift[start:end] = way
            rests.append((start, end))
    fill(shift, rests, max(2, round(BLEND_S * fps)))
    return shift
