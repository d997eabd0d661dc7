"""Which tokens the generator sees while it trains: nothing, scattered tokens, or all but a stretch."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor


def known_tokens(mask: Tensor, rng: np.random.Generator, nothing: float = 0.5) -> Tensor:
    """Known tokens [batch, token] for real tokens `mask`; at least one real token stays unknown in every row.

    With chance `nothing` no token is known (text to motion in one MAR step); otherwise, half and half, a random set on
    MAR's cosine schedule (Li et al., NeurIPS 2024) or everything outside one stretch (in-painting, prefix, suffix).
    """
    known = torch.zeros_like(mask)
    for row, count in enumerate(mask.sum(1).tolist()):
        if rng.random() < nothing:
            continue
        hidden = max(1, round(count * math.cos(math.pi / 2 * rng.random())))
        if rng.random() < 0.5:
            known[row, torch.from_numpy(rng.permutation(count)[hidden:])] = True
        else:
            start = int(rng.integers(-hidden // 2, count - hidden // 2 + 1))
            start = min(max(start, 0), count - hidden)
            known[row, :count] = True
            known[row, start : start + hidden] = False
    return known
