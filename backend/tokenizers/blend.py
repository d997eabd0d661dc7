"""Blend two takes in code space: FSQ keeps its metric, so the way from one code to another leads over codes between them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .coder import Array, Codes


def blend(bottleneck: Codes, first: NDArray[Any], second: NDArray[Any], amount: float | Array) -> NDArray[Any]:
    """Indices [..., c] at the share `amount` of the straight way from `first` to `second` [..., c].

    The latents are mixed, then snapped. amount: 0 gives the first and 1 the second, exactly; an array [..., 1] cross-fades token
    by token.
    """
    share = np.asarray(amount, np.float32)
    begin, end = bottleneck.from_indices(first), bottleneck.from_indices(second)
    mixed = begin + share * (end - begin)
    return np.where(share <= 0, first, np.where(share >= 1, second, bottleneck.to_indices(mixed)))
