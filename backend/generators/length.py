"""How long a prompt's clip should be: a distribution over lengths in tokens, not one number."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .windows import MAX_TOKENS


class LengthEstimator(nn.Module):
    """Attention-pooled text states -> logits over 1..MAX_TOKENS tokens of four frames."""

    def __init__(self, text_width: int, width: int = 128) -> None:
        super().__init__()
        self.states = nn.Linear(text_width, width)
        self.weight = nn.Linear(width, 1)
        self.out = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Dropout(0.2), nn.Linear(width, MAX_TOKENS))

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Text states [batch, piece, text width], mask [batch, piece] -> logits [batch, MAX_TOKENS]."""
        x = torch.tanh(self.states(states))
        weight = self.weight(x).squeeze(-1).masked_fill(~mask, -torch.inf).softmax(dim=1)
        return self.out((weight[..., None] * x).sum(1))
