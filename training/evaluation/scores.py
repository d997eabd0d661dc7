"""The metrics that need an evaluator: how generated motions stand to their texts and to real motion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.metrics.clip_score import clip_score
from training.metrics.diversity import diversity
from training.metrics.fid import fid
from training.metrics.intervals import repeated, repeated_as_published
from training.metrics.matching import matching_score
from training.metrics.r_precision import r_precision

from .table import Row

Array = NDArray[Any]


def scores(
    motions: Array,
    texts: Array,
    reference: Array,
    groups: NDArray[np.int64] | None,
    rng: np.random.Generator,
) -> dict[str, float]:
    """One repeat's metrics of embeddings [clip, dim]; `reference` [other clip, dim] is the real motion that FID compares with.

    R@k counts any motion of the text's meaning (`groups` [clip]) as right; `R@3 own` only its very own, as published, and so
    does R@k without groups.
    """
    top = r_precision(motions, texts, rng, groups=groups)
    own = {} if groups is None else {"R@3 own": float(r_precision(motions, texts, rng)[-1])}
    return {
        "FID": fid(reference, motions),
        **{f"R@{k + 1}": float(share) for k, share in enumerate(top)},
        **own,
        "matching": matching_score(motions, texts),
        "CLIP score": clip_score(motions, texts),
        "diversity": diversity(motions, rng),
    }


def summed(name: str, repeats: Sequence[Mapping[str, float]], real: bool = False, published: bool = False) -> Row:
    """The repeats' means and 95 % intervals, Student's or as published, as one row."""
    interval = repeated_as_published if published else repeated
    return Row(name, {key: interval([row[key] for row in repeats]) for key in repeats[0]}, real)
