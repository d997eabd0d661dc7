"""CLIP-style score (Hessel et al., EMNLP 2021, as Meng et al., 2024, use it for motion): do text and motion point one way?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def clip_score(motions: Array, texts: Array) -> float:
    """Mean cosine of the embeddings [clip, dim] of each text and of its motion, -1 to 1; higher is better."""
    sizes = np.linalg.norm(motions, axis=-1) * np.linalg.norm(texts, axis=-1)
    return float(((motions * texts).sum(-1) / np.maximum(sizes, 1e-12)).mean())
