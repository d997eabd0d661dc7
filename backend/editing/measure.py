"""How well an edit's borders meet."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def seam_jump(positions: NDArray[np.floating], at: int) -> tuple[float, float]:
    """(position, velocity): the jumps of a clip between frames at - 1 and `at`, in median frame steps of the whole clip.

    positions: [frame, joint, 3] metres. Position: how far the joints are at `at` from where the mean speed of the frames
    before and after takes them; velocity: how much their speed changes there; both a mean over joints. 0 at a clip's ends.
    """
    p = np.asarray(positions, np.float64)
    steps = np.diff(p, axis=0)
    median = float(np.median(np.linalg.norm(steps, axis=-1).mean(axis=-1)))
    if not 2 <= at < len(p) - 1:
        return 0.0, 0.0
    expected = (steps[at - 2] + steps[at]) / 2
    place = np.linalg.norm(steps[at - 1] - expected, axis=-1).mean()
    speed = np.linalg.norm(steps[at - 1] - steps[at - 2], axis=-1).mean()
    return float(place / max(median, 1e-6)), float(speed / max(median, 1e-6))
