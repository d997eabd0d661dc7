"""Where the floor is, which feet stand on it, and how much they slide."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from contract.skeleton import CONTACT_JOINTS, rest_positions

from .layout import require_canonical

Array = NDArray[np.float64]

SOLE_M = rest_positions()[list(CONTACT_JOINTS), 1]
"""[4] metres: heights of the contact joints above the floor when the foot is flat."""

_PALM_M = 0.05
_TOUCH_M, _LEAVE_M = 0.04, 0.07
_TOUCH_SPEED, _LEAVE_SPEED = 0.4, 0.6
_SHORTEST_S = 0.1


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
    speed = np.linalg.norm(_velocity(feet, 1.0), axis=-1)[frames, lowest]
    slow = lows[speed <= np.median(speed)]
    body = np.percentile(np.asarray(positions)[..., 1].min(axis=1), 5)
    return float(min(np.percentile(slow, 10), body + _PALM_M))


def detect_contacts(positions: NDArray[np.floating], fps: float) -> NDArray[np.float32]:
    """[frame, 4] float32, 1 where a joint of `contract.skeleton.CONTACT_JOINTS` stands on the floor, otherwise 0.

    positions: [frame, joint, 3] metres, Y up; fps: frames a second. A contact begins low and slow, lasts until clearly
    higher or faster (hysteresis), and neither a contact nor the gap between two of them is shorter than 0.1 s.
    """
    floor = ground(positions)
    feet = np.asarray(positions, np.float64)[:, CONTACT_JOINTS]
    height = feet[..., 1] - SOLE_M - floor
    speed = np.linalg.norm(_velocity(feet, fps), axis=-1)
    touching = (height < _TOUCH_M) & (speed < _TOUCH_SPEED)
    staying = (height < _LEAVE_M) & (speed < _LEAVE_SPEED)
    shortest = max(2, round(_SHORTEST_S * fps))
    contacts = np.zeros(height.shape, np.float32)
    for column in range(height.shape[1]):
        held = np.zeros(len(height), bool)
        for start, end in runs(staying[:, column]):
            held[start:end] = touching[start:end, column].any()
        for start, end in runs(~held):
            inside = start > 0 and end < len(held)
            if inside and end - start < shortest and (height[start:end, column] < _LEAVE_M).all():
                held[start:end] = True
        for start, end in runs(held):
            contacts[start:end, column] = end - start >= min(shortest, len(held))
    return contacts


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


def runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """(start, end) of each run of true `flags` [frame], end exclusive."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _velocity(points: Array, fps: float) -> Array:
    """Central differences (m/s) over the frame before and the frame after; one-sided at the ends."""
    if len(points) < 2:
        return np.zeros_like(points)
    return np.gradient(points, axis=0) * fps
