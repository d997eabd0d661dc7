"""The metrics that need no network: clips as the decoder gives them, and as an animator gets them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from backend.motion.features import FEATURES, features_to_joints
from backend.motion.finish import finish
from backend.motion.jitter import smoothed
from common import FPS
from training.metrics import physics

from .table import Row, means

Clips = Sequence[NDArray[np.float32]]


def known_of(clips: Clips) -> bool:
    """Whether these metrics can be had of the clips: floor, contacts and solve are the canonical skeleton's."""
    return all(clip.shape[1] == FEATURES for clip in clips)


def decoded(name: str, clips: Clips, real: bool = False) -> Row:
    """Means over clips [frame, 67] as they are."""
    return means(name, (physics.metrics(features_to_joints(clip), FPS) for clip in clips), real)


def finished(name: str, clips: Clips, smoothing: float, real: bool = False) -> Row:
    """Means over clips [frame, 67] after the finish: constant bones, planted feet, the floor at zero; what a decoder made is
    first smoothed as it wants it (`ConvTokenizer.smoothing`; 0 for captured motion), as in `backend.generate`."""
    rows = (features_to_joints(smoothed(clip, smoothing)) for clip in clips)
    return means(name, (physics.metrics(finish(joints, FPS, {}).positions, FPS) for joints in rows), real)
