"""When something stands: runs of frames that begin surely, last until clearly over, and do not flicker."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

TOUCH_M, LEAVE_M = 0.04, 0.07
TOUCH_SPEED, LEAVE_SPEED = 0.4, 0.6
SHORTEST_S = 0.1


def detect(height: Array, speed: Array, fps: float) -> Flags:
    """[frame, point], where a point stands on the floor.

    height: [frame, point] metres above where it is when it stands; speed: [frame, point] m/s. A contact begins low and
    slow, lasts until clearly higher or faster, and neither a contact nor the gap between two is shorter than 0.1 s.
    """
    low = height < LEAVE_M
    return steady(
        (height < TOUCH_M) & (speed < TOUCH_SPEED), low & (speed < LEAVE_SPEED), low, max(2, round(SHORTEST_S * fps))
    )


def steady(touching: Flags, staying: Flags, bridging: Flags, shortest: int) -> Flags:
    """[frame, point]: runs of `staying` with a frame of `touching` in them (hysteresis), none below `shortest` frames.

    A gap shorter than that is closed if all of it is `bridging`. All [frame, point].
    """
    found = np.zeros(staying.shape, bool)
    for column in range(staying.shape[1]):
        held = np.zeros(len(staying), bool)
        for start, end in runs(staying[:, column]):
            held[start:end] = touching[start:end, column].any()
        for start, end in runs(~held):
            inside = start > 0 and end < len(held)
            if inside and end - start < shortest and bridging[start:end, column].all():
                held[start:end] = True
        for start, end in runs(held):
            found[start:end, column] = end - start >= min(shortest, len(held))
    return found


def runs(flags: Flags) -> list[tuple[int, int]]:
    """(start, end) of each run of true `flags` [frame], end exclusive."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def velocity(points: Array, fps: float) -> Array:
    """Central differences (m/s) over the frame before and the frame after; one-sided at the ends."""
    if len(points) < 2:
        return np.zeros_like(points)
    return np.gradient(points, axis=0) * fps
