"""Mean and standard deviation of features, as the generator normalises them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backend.motion.features import GROUPS, mirror

Array = NDArray[np.float64]


def feature_statistics(features: NDArray[np.floating], mirrored: bool = True) -> tuple[Array, Array]:
    """mean [d] and std [d] over frames of features [frame, d]; with `mirrored`, over them and their mirror images.

    The std is averaged inside each of the four groups (yaw, velocity, height, pose), as MARDM does (Meng et al., 2024), so
    that a joint which hardly moves is not blown up.
    """
    views = [features, mirror(features)] if mirrored else [features]
    mean = np.mean([view.mean(axis=0, dtype=np.float64) for view in views], axis=0)
    variance = np.mean([np.square(view - mean).mean(axis=0) for view in views], axis=0)
    std = np.sqrt(variance)
    for group in GROUPS:
        std[group] = std[group].mean()
    return mean, np.maximum(std, 1e-6)
