"""IsoDiM: a masked (MAR) transformer reads words and known tokens; a diffusion transformer (JiT) predicts the rest.

Both attend over the whole sequence, so few MAR steps are enough, and known tokens enter clean at every step: filling a
gap, extending and redoing a range need no other model. The head predicts the data (x-prediction), either as numbers or,
with `output="grid"`, as the expected value of a softmax over each dim's grid levels, which never leaves the grid's hull.

Shapes: coordinates [batch, token, d]; known, mask [batch, token] bool; words [batch, word, text width].
"""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor, nn

from backend.tokenizers.fsq import FSQ

from .layers import TextBlock, TimedBlock, TimeEmbedding, rms_norm, rotary_angles


@dataclasses.dataclass(frozen=True)
class IsoDiMConfig:
    """Sizes of one IsoDiM; `depth` and `width` are the head's, as in the DiT family's names."""

    levels: tuple[int, ...]
    width: int = 256
    heads: int = 4
    depth: int = 6
    mar_depth: int = 4
    text_width: int = 384
    dropout: float = 0.1
    output: str = "grid"


@dataclasses.dataclass(frozen=True)
class Context:
    """What the MAR transformer hands to the head: per-token states, the pooled prompt, which tokens are real."""

    tokens: Tensor
    pooled: Tensor
    mask: Tensor


class IsoDiM(nn.Module):
    """The generator; `mean` and `std` [d] standardise coordinates, because even level counts are not centred."""

    mean: Tensor
    std: Tensor
    grid: Tensor

    def __init__(self, config: IsoDiMConfig) -> None:
        super().__init__()
        self.config = config
        self.fsq = FSQ(config.levels)
        width, dims = config.width, len(config.levels)
        self.register_buffer("mean", torch.zeros(dims))
        self.register_buffer("std", torch.ones(dims))
        self.word_in = nn.Linear(config.text_width, width)
        self.null_words = nn.Parameter(torch.randn(1, width) * 0.02)
        self.known_in = nn.Linear(dims, width)
        self.masked_token = nn.Parameter(torch.randn(width) * 0.02)
        self.mar = nn.ModuleList(TextBlock(width, config.heads, config.dropout) for _ in range(config.mar_depth))
        self.noisy_in = nn.Linear(dims, width)
        self.pool_in = nn.Linear(width, width)
        self.time_in = TimeEmbedding(width)
        self.head = nn.ModuleList(TimedBlock(width, config.heads, config.dropout) for _ in range(config.depth))
        self.out = nn.Linear(width, sum(config.levels) if config.output == "grid" else dims)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)
        self.register_buffer("grid", self.fsq.grid(), persistent=False)

    def standardize(self, coordinates: Tensor) -> Tensor:
        """Grid coordinates -> zero mean, unit std per dim."""
        return (coordinates - self.mean) / self.std

    def coordinates(self, standardized: Tensor) -> Tensor:
        """The inverse of `standardize`."""
        return standardized * self.std + self.mean

    def words(self, states: Tensor, mask: Tensor, null: Tensor) -> tuple[Tensor, Tensor]:
        """Word states for cross-attention; where `null` [batch] is True, the learned null prompt instead."""
        nothing = torch.zeros_like(mask)
        nothing[:, 0] = True
        words = torch.where(null[:, None, None], self.null_words, self.word_in(states))
        return words, torch.where(null[:, None], nothing, mask)

    def context(self, data: Tensor, known: Tensor, mask: Tensor, words: Tensor, word_mask: Tensor) -> Context:
        """Run the MAR transformer once; `data` is standardised and read only where `known`."""
        x = torch.where(known[..., None], self.known_in(data), self.masked_token)
        angles = rotary_angles(x.shape[1], self.config.width // self.config.heads, x.device)
        for block in self.mar:
            x = block(x, mask, words, word_mask, angles)
        share = word_mask.to(words.dtype) / word_mask.sum(1, keepdim=True)
        return Context(rms_norm(x), self.pool_in((words * share[..., None]).sum(1)), mask)

    def denoise(self, noisy: Tensor, time: Tensor, context: Context) -> Tensor:
        """Raw output of the head [batch, token, levels or d] for standardised noisy data and times [batch]."""
        x = self.noisy_in(noisy) + context.tokens
        condition = self.time_in(time) + context.pooled
        angles = rotary_angles(x.shape[1], self.config.width // self.config.heads, x.device)
        for block in self.head:
            x = block(x, context.mask, condition, angles)
        return self.out(rms_norm(x)).float()

    def logits(self, output: Tensor) -> tuple[Tensor, ...]:
        """Head output -> logits [batch, token, L] of each dim; for `output="grid"` only."""
        return output.split(self.config.levels, dim=-1)

    def expected(self, output: Tensor) -> Tensor:
        """Head output -> predicted standardised data [batch, token, d]."""
        if self.config.output != "grid":
            return output
        values = self.grid.split(self.config.levels)
        means = [(part.softmax(-1) * value).sum(-1) for part, value in zip(self.logits(output), values, strict=True)]
        return self.standardize(torch.stack(means, dim=-1))
