"""Finite scalar quantization's grid in numpy: what snaps, indexes and blends latents where no network is needed.

`fsq.py` is the same grid for training, with gradients.

Shapes: latents are grid values in -1..1 [..., d]; level indices are the same as integers 0..L-1 [..., d].
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .coder import Array

LEVELS: dict[str, tuple[int, ...]] = {
    "IsoDiM_Tokenizer_Small": (5, 5, 5, 5, 5),
    "IsoDiM_Tokenizer_Medium": (8, 5, 5, 5, 5),
    "IsoDiM_Tokenizer_Large": (8, 6, 6, 5, 5, 5),
    "IsoDiM_Tokenizer_XLarge": (8, 8, 8, 6, 5, 5),
    "IsoDiM_Tokenizer_High": (8, 8, 8, 5, 5, 5),
    "IsoDiM_Tokenizer_Ultra": (8, 8, 8, 8, 5, 5),
    "IsoDiM_Tokenizer_Mega": (8, 8, 8, 8, 8, 5),
    "IsoDiM_Tokenizer_HighDim7": (7, 5, 5, 5, 5, 5, 5),
    "IsoDiM_Tokenizer_HighDim8": (5, 5, 5, 5, 5, 5, 5, 5),
    "IsoDiM_Tokenizer_HighDim12": (5,) * 12,
    "IsoDiM_Tokenizer_HighDim16": (5,) * 16,
    "IsoDiM_Tokenizer_HighDim24": (5,) * 24,
    "IsoDiM_Tokenizer_HighDim32": (5,) * 32,
}
"""Level counts by the tokenizer's name."""


def full_name(name: str) -> str:
    """A preset's own name for either spelling: the published prefix `FSQ_AE_` is accepted."""
    return name.replace("FSQ_AE_", "IsoDiM_Tokenizer_", 1)


class Grid:
    """The points that FSQ of some level counts can give; see `Codes`."""

    def __init__(self, levels: Sequence[int]) -> None:
        self.levels = tuple(int(level) for level in levels)
        self.dims = len(self.levels)
        count = np.array(self.levels, np.float32)
        self._half, self._last = count // 2, count - 1

    def snap(self, latents: Array) -> Array:
        """The nearest grid point [..., d] of any latents [..., d]; even L reaches -1 but not +1."""
        return self.from_indices(self.to_indices(latents))

    def to_indices(self, latents: Array) -> NDArray[np.int64]:
        """Level indices 0..L-1 [..., d] of latents [..., d]."""
        level = np.round(latents.astype(np.float32) * self._half) + self._half
        return np.clip(level, 0, self._last).astype(np.int64)

    def from_indices(self, indices: NDArray[Any]) -> Array:
        """Latents [..., d] of level indices [..., d]."""
        return (indices.astype(np.float32) - self._half) / self._half
