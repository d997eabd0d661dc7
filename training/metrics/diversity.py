"""Diversity (Guo et al., CVPR 2022, section 5): how far apart are motions to different texts?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from common.errors import InputError

from .distances import between

Array = NDArray[Any]
PAIRS = 300


def diversity(motions: Array, rng: np.random.Generator, pairs: int = PAIRS) -> float:
    """Mean distance of `pairs` random pairs of embeddings [clip, dim]: two subsets drawn without repetition.

    With fewer than `pairs` clips there are as many pairs as clips, and the metric says less. Real motion's value is the aim.
    """
    if len(motions) < 2:
        raise InputError("clips for diversity", len(motions), "at least 2")
    count = min(pairs, len(motions))
    first, second = (rng.choice(len(motions), size=count, replace=False) for _ in range(2))
    return float(between(motions[first], motions[second]).mean())
