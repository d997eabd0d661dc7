"""IsoDiM: a masked (MAR) transformer reads the text and visible tokens; a diffusion transformer (JiT) predicts the rest.

`sampler.py` samples from them. The head predicts the data (x-prediction) as numbers
(`output` x) or, of FSQ, as the expected value of a softmax over each dim's grid levels (`grid`), which never leaves the
grid's hull. `categorical` is the baseline without diffusion: the same networks, no noise, levels sampled from those logits
in MAR rounds.

Shapes: latents [batch, token, d]; keep, visible, mask [batch, token] bool; text states [batch, piece, text width].
"""

from __future__ import annotations

import dataclasses
from typing import Any

import torch
from torch import Tensor, nn

from backend.text import TextStates
from backend.tokenizers.bottleneck import Bottleneck
from backend.tokenizers.fsq import FSQ
from common import checks
from common.errors import InputError

from .layers import TextBlock, TimedBlock, TimeEmbedding, rms_norm, rotary_angles
from .sampling import Sampling
from .token_generator import TokenGenerator

SIZES: dict[str, dict[str, Any]] = {
    "IsoDiM-DiT-XXS": {"depth": 4, "width": 160, "heads": 4, "mar_depth": 2},
    "IsoDiM-DiT-XS": {"depth": 6, "width": 256, "heads": 4, "mar_depth": 4},
    "IsoDiM-DiT-S": {"depth": 12, "width": 384, "heads": 6, "mar_depth": 4},
    "IsoDiM-DiT-B": {"depth": 12, "width": 768, "heads": 12, "mar_depth": 4},
    "IsoDiM-DiT-L": {"depth": 24, "width": 1024, "heads": 16, "mar_depth": 6},
    "IsoDiM-DiT-XL": {"depth": 28, "width": 1152, "heads": 16, "mar_depth": 6},
}
"""XXS is for experiments, XS is the bundled size; S to XL are the published DiT sizes of the head (Peebles & Xie, ICCV 2023, table 1)."""

OPTIONS = ("output", "text")
SAMPLING = Sampling()
"""One round of few steps: the head sees all tokens at once."""
OUTPUTS, TEXTS = ("grid", "x", "categorical"), ("words", "pooled")


@dataclasses.dataclass(frozen=True)
class IsoDiMConfig:
    """Sizes and options of one IsoDiM; `depth` and `width` are the head's, as in the DiT family's names."""

    width: int
    heads: int
    depth: int
    mar_depth: int
    text_width: int
    dropout: float = 0.1
    output: str = "grid"
    text: str = "words"
    """Cross-attention to the states of all `words`, or to one state, their mean (`pooled`)."""


@dataclasses.dataclass(frozen=True)
class Context:
    """What the MAR transformer hands to the head: per-token states, the pooled prompt, which tokens are real."""

    tokens: Tensor
    pooled: Tensor
    mask: Tensor


def build(name: str, bottleneck: Bottleneck, text_width: int, **options: Any) -> IsoDiM:
    """An untrained IsoDiM of a size in `SIZES`; options: `OPTIONS` and dropout."""
    return IsoDiM(IsoDiMConfig(text_width=text_width, **SIZES[name], **options), bottleneck)


class IsoDiM(TokenGenerator):
    """The two networks."""

    grid: Tensor
    renoises = True

    def __init__(self, config: IsoDiMConfig, bottleneck: Bottleneck) -> None:
        super().__init__(bottleneck)
        self.config = config
        self.categorical = config.output == "categorical"
        checks.one_of(OUTPUTS)("output", config.output)
        checks.one_of(TEXTS)("text", config.text)
        if config.output == "grid" and not isinstance(bottleneck, FSQ):
            raise InputError("output", config.output, "x or categorical, for a tokenizer without an FSQ grid")
        if self.categorical and not bottleneck.levels:
            raise InputError("output", config.output, "x, for a tokenizer without codes")
        self.levels = () if config.output == "x" else bottleneck.levels
        width, dims = config.width, bottleneck.dims
        self.word_in = nn.Linear(config.text_width, width)
        self.null_words = nn.Parameter(torch.randn(1, width) * 0.02)
        self.known_in = nn.Linear(dims, width)
        self.masked_token = nn.Parameter(torch.randn(width) * 0.02)
        self.mar = nn.ModuleList(TextBlock(width, config.heads, config.dropout) for _ in range(config.mar_depth))
        self.noisy_in = nn.Linear(dims, width)
        self.pool_in = nn.Linear(width, width)
        self.time_in = TimeEmbedding(width)
        self.head = nn.ModuleList(self.head_block() for _ in range(config.depth))
        self.out = nn.Linear(width, sum(self.levels) or dims)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)
        self.register_buffer(
            "grid", bottleneck.grid() if isinstance(bottleneck, FSQ) else torch.zeros(0), persistent=False
        )

    def head_block(self) -> TimedBlock:
        """One block of the head; families on this one may have another."""
        return TimedBlock(self.config.width, self.config.heads, self.config.dropout)

    def text_states(self, states: Tensor, mask: Tensor, null: Tensor) -> TextStates:
        """Text states for cross-attention; where `null` [batch] is True, the learned null prompt instead."""
        if self.config.text == "pooled":
            share = mask.to(states.dtype) / mask.sum(1, keepdim=True)
            states, mask = (states * share[..., None]).sum(1, keepdim=True), mask.any(1, keepdim=True)
        nothing = torch.zeros_like(mask)
        nothing[:, 0] = True
        made = torch.where(null[:, None, None], self.null_words, self.word_in(states))
        return made, torch.where(null[:, None], nothing, mask)

    def context(self, data: Tensor, visible: Tensor, mask: Tensor, text: Tensor, text_mask: Tensor) -> Context:
        """Run the MAR transformer once; `data` is standardised and read only where `visible`."""
        x = torch.where(visible[..., None], self.known_in(data), self.masked_token)
        angles = rotary_angles(x.shape[1], self.config.width // self.config.heads, x.device)
        for block in self.mar:
            x = block(x, mask, text, text_mask, angles)
        share = text_mask.to(text.dtype) / text_mask.sum(1, keepdim=True)
        return Context(rms_norm(x), self.pool_in((text * share[..., None]).sum(1)), mask)

    def denoise(self, noisy: Tensor, time: Tensor, context: Context) -> Tensor:
        """Raw output of the head [batch, token, levels or d] for standardised noisy data and times [batch]."""
        x = self.noisy_in(noisy) + context.tokens
        condition = self.time_in(time) + context.pooled
        angles = rotary_angles(x.shape[1], self.config.width // self.config.heads, x.device)
        for block in self.head:
            x = block(x, context.mask, condition, angles)
        return self.out(rms_norm(x)).float()

    def without_noise(self, data: Tensor, visible: Tensor) -> tuple[Tensor, Tensor]:
        """What the head reads in a categorical model: zeros for noise, at time 0; `visible` data clean."""
        return torch.where(visible[..., None], data, 0.0), data.new_zeros(len(data))

    def logits(self, output: Tensor) -> tuple[Tensor, ...]:
        """Head output -> logits [batch, token, L] of each dim; not for `output` x."""
        return output.split(self.levels, dim=-1)

    def expected(self, output: Tensor) -> Tensor:
        """Head output -> predicted standardised data [batch, token, d]."""
        if self.config.output == "x":
            return output
        values = self.grid.split(self.levels)
        means = [(part.softmax(-1) * value).sum(-1) for part, value in zip(self.logits(output), values, strict=True)]
        return self.standardize(torch.stack(means, dim=-1))
