"""Multimodality (Guo et al., CVPR 2022, section 5): how far apart are motions to one and the same text?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from common.errors import InputError

from .distances import between

Array = NDArray[Any]
REPEATS, PAIRS = 30, 10


def multimodality(motions: Array, rng: np.random.Generator, pairs: int = PAIRS) -> float:
    """Mean distance of `pairs` random pairs among the motions of one text, over all texts; published with 30 motions a text.

    motions: embeddings [text, repeat, dim]. The same pairs are taken for every text, drawn without repetition on each side.
    """
    if motions.ndim != 3 or motions.shape[1] < 2:
        raise InputError(
            "shape of motions for multimodality", motions.shape, "[text, repeat, dim] with 2 repeats or more"
        )
    count = min(pairs, motions.shape[1])
    first, second = (rng.choice(motions.shape[1], size=count, replace=False) for _ in range(2))
    return float(between(motions[:, first], motions[:, second]).mean())
