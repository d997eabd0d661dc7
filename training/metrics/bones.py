"""Bone lengths over a clip: a body's bones do not stretch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contract.skeleton import PARENTS

Array = NDArray[Any]


def bone_lengths(positions: Array, parents: Sequence[int] = PARENTS) -> NDArray[np.float64]:
    """Lengths [frame, bone] (m) of joint positions [frame, joint, 3]; a joint without parent (-1) ends no bone."""
    ends = [joint for joint, parent in enumerate(parents) if parent >= 0]
    return np.linalg.norm(positions[:, ends] - positions[:, [parents[joint] for joint in ends]], axis=-1)


def bone_drift_mm(positions: Array, parents: Sequence[int] = PARENTS) -> float:
    """Mean distance in mm of each bone's length from its own mean over the clip [frame, joint, 3] (m); 0 after the solve."""
    lengths = bone_lengths(positions, parents)
    return float(np.abs(lengths - lengths.mean(axis=0)).mean() * 1000)
