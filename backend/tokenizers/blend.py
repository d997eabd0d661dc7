"""Blend two takes in code space: FSQ keeps its metric, so the way from one code to another leads over codes between them."""

from __future__ import annotations

import torch
from torch import Tensor

from .bottleneck import Bottleneck


def blend(bottleneck: Bottleneck, codes_a: Tensor, codes_b: Tensor, amount: float | Tensor) -> Tensor:
    """Codes [..., c] at the share `amount` of the straight way from `codes_a` to `codes_b` [..., c].

    The coordinates are mixed, then snapped. amount: 0 gives a and 1 gives b, exactly; a tensor [..., 1] cross-fades token
    by token.
    """
    share = torch.as_tensor(amount, dtype=torch.float32, device=codes_a.device)
    mixed = torch.lerp(bottleneck.from_codes(codes_a), bottleneck.from_codes(codes_b), share)
    return torch.where(share <= 0, codes_a, torch.where(share >= 1, codes_b, bottleneck.to_codes(mixed)))
