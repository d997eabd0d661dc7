"""Matching score, also called MM-Dist (Guo et al., CVPR 2022, section 5): how far are texts from their motions?"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from .distances import between

Array = NDArray[Any]


def matching_score(motions: Array, texts: Array) -> float:
    """Mean Euclidean distance between the embeddings [clip, dim] of each text and of its motion; lower is better."""
    return float(between(motions, texts).mean())
