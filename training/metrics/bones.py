"""Bone lengths over a clip: a body's bones do not stretch."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.motion import layout

Array = NDArray[Any]


def bone_lengths(positions: Array) -> NDArray[np.float64]:
    """Lengths [frame, bone] (m) of joint positions [frame, joint, 3] of any skeleton that has a layout."""
    parents = layout.of_joints(positions.shape[1]).parents
    return np.linalg.norm(positions[:, 1:] - positions[:, parents[1:]], axis=-1)


def bone_drift_mm(positions: Array) -> float:
    """Mean distance in mm of each bone's length from its own mean over the clip [frame, joint, 3] (m); 0 after the solve."""
    lengths = bone_lengths(positions)
    return float(np.abs(lengths - lengths.mean(axis=0)).mean() * 1000)
