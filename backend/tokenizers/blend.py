"""Blend two takes in code space: FSQ keeps its metric, so the way from one code to another leads over codes between them."""

from __future__ import annotations

import torch
from torch import Tensor

from .bottleneck import Bottleneck


def blend(bottleneck: Bottleneck, first: Tensor, second: Tensor, amount: float | Tensor) -> Tensor:
    """Indices [..., c] at the share `amount` of the straight way from `first` to `second` [..., c].

    The latents are mixed, then snapped. amount: 0 gives the first and 1 the second, exactly; a tensor [..., 1] cross-fades token
    by token.
    """
    share = torch.as_tensor(amount, dtype=torch.float32, device=first.device)
    mixed = torch.lerp(bottleneck.from_indices(first), bottleneck.from_indices(second), share)
    return torch.where(share <= 0, first, torch.where(share >= 1, second, bottleneck.to_indices(mixed)))
