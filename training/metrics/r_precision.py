"""R-precision (Guo et al., CVPR 2022, section 5): does a text find its own motion in a pool?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .distances import pairwise

Array = NDArray[Any]
POOL = 32


def r_precision(
    motions: Array,
    texts: Array,
    rng: np.random.Generator,
    *,
    top: int = 3,
    pool: int = POOL,
    groups: Array | None = None,
) -> NDArray[np.float64]:
    """Share of texts with a right motion among the nearest 1, 2 ... `top` of their pool: [top].

    motions, texts: embeddings [clip, dim], a row's text belonging to its motion. The rows are shuffled into pools of
    `pool` and what is left over is not used, as in the published code, which also ranks motions for a text (the paper's
    words are the other way round). Fewer rows than `pool` form one smaller, easier pool.

    `groups` [clip] numbers meanings: any motion of the text's own group is right, because a corpus made from labels holds
    the same sentence many times. Without it only the text's own motion is right, as published.
    """
    pool = min(pool, len(motions))
    order = rng.permutation(len(motions))[: len(motions) // pool * pool].reshape(-1, pool)
    groups = np.arange(len(motions)) if groups is None else groups
    found = []
    for rows in order:
        nearest = np.argsort(pairwise(texts[rows], motions[rows]), axis=1, kind="stable")[:, :top]
        right = groups[rows][nearest] == groups[rows][:, None]
        found.append(np.maximum.accumulate(right, axis=1))
    return np.concatenate(found).mean(axis=0)
