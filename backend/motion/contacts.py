"""Where the floor is, which feet stand on it, and how much they slide."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from common.motion.feet.contacts import detect, velocity
from common.motion.skeleton import CONTACT_JOINTS, rest_positions

from .layout import require_canonical

Array = NDArray[np.float64]

SOLE_M = rest_positions()[list(CONTACT_JOINTS), 1]
"""[4] metres: heights of the contact joints above the floor when the foot is flat."""

_PALM_M = 0.05
"""Height of a joint inside a limb that lies on the floor: half a hand or a calf."""


def ground(positions: NDArray[np.floating]) -> float:
    """Height of the floor (m) under `positions` [frame, joint, 3] (m, Y up), toes of a flat foot resting on it.

    A low percentile of the lower foot's height while it is slow, so that neither a jump nor one noisy frame moves the
    floor; not far above the body's lowest joint, for clips that have their feet in the air. InputError if the joints are
    not the canonical ones.
    """
    require_canonical(np.shape(positions)[1])
    feet = np.asarray(positions, np.float64)[:, CONTACT_JOINTS]
    heights = feet[..., 1] - SOLE_M
    lowest = np.argmin(heights, axis=1)
    frames = np.arange(len(feet))
    lows = heights[frames, lowest]
    speed = np.linalg.norm(velocity(feet, 1.0), axis=-1)[frames, lowest]
    slow = lows[speed <= np.median(speed)]
    body = np.percentile(np.asarray(positions)[..., 1].min(axis=1), 5)
    return float(min(np.percentile(slow, 10), body + _PALM_M))


def detect_contacts(positions: NDArray[np.floating], fps: float, floor: float | None = None) -> NDArray[np.float32]:
    """[frame, 4] float32, 1 where a joint of `common.motion.skeleton.CONTACT_JOINTS` stands on the floor, otherwise 0.

    positions: [frame, joint, 3] metres, Y up; fps: frames a second; floor: its height in metres, by `ground` where it is
    not given. For when a contact begins and ends see `common.motion.feet.contacts.detect`.
    """
    floor = ground(positions) if floor is None else floor
    feet = np.asarray(positions, np.float64)[:, CONTACT_JOINTS]
    height = feet[..., 1] - SOLE_M - floor
    return detect(height, np.linalg.norm(velocity(feet, fps), axis=-1), fps).astype(np.float32)


def slide_cm_per_s(positions: NDArray[np.floating], contacts: NDArray[np.floating], fps: float) -> float:
    """Mean horizontal speed (cm/s) of the contact joints over the frames in which they stand; 0 if none stands.

    positions: [frame, joint, 3] metres; contacts: [frame, 4], above 0.5 where a joint stands on the floor.
    """
    feet = np.asarray(positions, np.float64)[:, CONTACT_JOINTS]
    standing = np.asarray(contacts) > 0.5
    both = standing[1:] & standing[:-1]
    if not both.any():
        return 0.0
    steps = np.linalg.norm(np.diff(feet, axis=0)[..., (0, 2)], axis=-1)
    return float(steps[both].mean() * fps * 100.0)
