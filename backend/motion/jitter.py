"""A decoder's jitter: codes that change from token to token leave a tremble at the highest frequencies.

How much of it a decoder leaves depends on its losses, so each says what smoothing it wants (`ConvTokenizer.smoothing`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

NEIGHBOUR = 0.12
"""Weight of the frame before and of the frame after for a decoder trained on features alone. With it the mean jerk of generated
clips is that of real motion on the val split (`training.evaluate_isodim`); without it, it is 1.4 times as high."""
MOST = 0.25
"""Weight beyond which the filter turns the highest frequency round instead of removing it."""


def smoothed(features: NDArray[np.floating], neighbour: float = NEIGHBOUR) -> NDArray[np.float32]:
    """`features` [..., frame, dim] through the three-frame filter (w, 1 - 2w, w), the first and last frame held.

    neighbour: w, 0 to `MOST`; 0 leaves them as they are.
    """
    before = np.concatenate([features[..., :1, :], features[..., :-1, :]], axis=-2)
    after = np.concatenate([features[..., 1:, :], features[..., -1:, :]], axis=-2)
    return (features + neighbour * (before - 2 * features + after)).astype(np.float32)
