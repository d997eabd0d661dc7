"""Distances between embeddings, shared by the metrics."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def pairwise(first: Array, second: Array) -> NDArray[np.float64]:
    """Euclidean distances [row of first, row of second] of embeddings [row, dim]."""
    return np.sqrt(np.square(np.asarray(first, np.float64)[:, None] - second[None]).sum(-1))


def between(first: Array, second: Array) -> NDArray[np.float64]:
    """Euclidean distances [...] of embeddings [..., dim], row by row."""
    return np.linalg.norm(np.asarray(first, np.float64) - second, axis=-1)
