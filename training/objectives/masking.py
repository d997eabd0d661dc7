"""Which tokens the generator sees while it trains: nothing, scattered tokens, or all but a stretch."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor


def visible_tokens(mask: Tensor, rng: np.random.Generator, nothing: float = 0.5) -> Tensor:
    """Visible tokens [batch, token] for real tokens `mask`; at least one real token stays masked in every row.

    With chance `nothing` no token is visible (text to motion in one MAR step); otherwise, half and half, a random set on
    MAR's cosine schedule (Li et al., NeurIPS 2024) or everything outside one stretch (in-painting, prefix, suffix).
    """
    visible = torch.zeros_like(mask)
    for row, count in enumerate(mask.sum(1).tolist()):
        if rng.random() < nothing:
            continue
        masked = max(1, round(count * math.cos(math.pi / 2 * rng.random())))
        if rng.random() < 0.5:
            visible[row, torch.from_numpy(rng.permutation(count)[masked:])] = True
        else:
            start = int(rng.integers(-masked // 2, count - masked // 2 + 1))
            start = min(max(start, 0), count - masked)
            visible[row, :count] = True
            visible[row, start : start + masked] = False
    return visible
