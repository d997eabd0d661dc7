"""DiCoDe for motion (arXiv 2412.04446): a plain causal transformer writes deep tokens one after another, each as a distribution.

The tokens are those of `tokenizer.py`. Every segment has a prompt of its own: the tokens of a segment attend to its
text states and, within a window of segments, to the tokens before; an older token is no longer read, so that the memory of a
long clip is that of a short one (`Past`). What a token's numbers may be is a distribution of `densities.py`.

What the paper's public text leaves open and is decided here: all sizes, rotary positions, cross-attention to all text states of
the segment's prompt, the window, and how guidance acts.

Shapes: latents [batch, token, d], tokens_per_segment a segment; text states [batch, segment, piece, text width].
"""

from __future__ import annotations

import dataclasses
from typing import Any

import torch
from torch import Tensor, nn

from backend.generators.layers import KeyValueCache, TextLayers, rms_norm, rotary_angles_at
from backend.generators.sampling import Sampling
from backend.generators.token_generator import TokenGenerator
from backend.text import TextStates
from backend.tokenizers.bottleneck import Bottleneck
from backend.tokenizers.fsq import FSQ
from common import checks
from common.errors import InputError

from .densities import Density, Levels, Mixture, Regression

SIZES: dict[str, dict[str, int]] = {
    "DiCoDe-XXS": {"width": 128, "heads": 4, "depth": 3},
    "DiCoDe-XS": {"width": 256, "heads": 4, "depth": 6},
    "DiCoDe-S": {"width": 384, "heads": 6, "depth": 6},
    "DiCoDe-M": {"width": 512, "heads": 8, "depth": 9},
}
"""Ours: the paper's language models have 100 M parameters and more. XXS is for experiments."""

HEADS = ("categorical", "gmm", "gaussian", "regression")
SAMPLING = Sampling()


@dataclasses.dataclass(frozen=True)
class DiCoDeConfig:
    """Sizes; `window` is in segments, `components` are those of the head `gmm`."""

    text_width: int
    width: int
    heads: int
    depth: int
    tokens_per_segment: int
    head: str = "categorical"
    components: int = 8
    window: int = 3
    dropout: float = 0.1


def build(name: str, bottleneck: Bottleneck, tokens_per_segment: int, text_width: int, **options: Any) -> DiCoDe:
    """An untrained DiCoDe of a size in `SIZES`; options: head, components, window, dropout."""
    if name not in SIZES:
        raise InputError("model", name, f"one of {', '.join(SIZES)}")
    sizes: dict[str, Any] = {**SIZES[name], **options}
    config = DiCoDeConfig(text_width=text_width, tokens_per_segment=tokens_per_segment, **sizes)
    return DiCoDe(config, bottleneck)


class SegmentBlock(TextLayers):
    """Block of a language model over segments: each segment's tokens read its own text."""

    def forward(
        self,
        x: Tensor,
        mask: Tensor,
        text: TextStates,
        angles: tuple[Tensor, Tensor],
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """[batch, token, width] -> the same shape; text: states [batch, segment, piece, width] and their mask."""
        normed = rms_norm(x)
        x = x + self.dropout(self.attention(normed, normed, mask, angles, cache))
        states, known = (part.flatten(0, 1) for part in text)
        told = self.words(rms_norm(x).reshape(len(states), -1, x.shape[-1]), states, known, None)
        x = x + self.dropout(told.reshape(x.shape))
        return x + self.dropout(self.feed(rms_norm(x)))


class Past:
    """What the network keeps of the tokens so far: the keys and values of its window, and the last token."""

    def __init__(self, blocks: int, window: int, x: Tensor) -> None:
        self.caches = [KeyValueCache(window) for _ in range(blocks)]
        self.place, self.x = 0, x

    @property
    def tokens(self) -> int:
        """How many tokens each block remembers."""
        return max(cache.tokens for cache in self.caches)


class DiCoDe(TokenGenerator):
    """The language model. Of `Sampling` it uses `guidance` and `temperature`; the decoder uses `steps`."""

    def __init__(self, config: DiCoDeConfig, bottleneck: Bottleneck) -> None:
        super().__init__(bottleneck)
        checks.one_of(HEADS)("head", config.head)
        checks.integer(1, 1000)("window", config.window)
        checks.integer(1, 1000)("components", config.components)
        if config.head == "categorical" and not isinstance(bottleneck, FSQ):
            raise InputError("head", config.head, "gmm, gaussian or regression, for a tokenizer without an FSQ grid")
        self.config = config
        width = config.width
        self.text_in = nn.Linear(config.text_width, width)
        self.null_text = nn.Parameter(torch.randn(1, width) * 0.02)
        self.begin = nn.Parameter(torch.randn(width) * 0.02)
        self.latent_in = nn.Linear(bottleneck.dims, width)
        self.blocks = nn.ModuleList(SegmentBlock(width, config.heads, config.dropout) for _ in range(config.depth))
        self.out = nn.Linear(width, self.density.outputs)
        self.density.begin(self.out)

    @property
    def density(self) -> Density:
        """The distribution that the output stands for."""
        if isinstance(self.bottleneck, FSQ) and self.config.head == "categorical":
            return Levels(self.bottleneck, self.mean, self.std)
        if self.config.head == "regression":
            return Regression(self.bottleneck.dims)
        return Mixture(self.bottleneck.dims, self.config.components if self.config.head == "gmm" else 1)

    @property
    def window(self) -> int:
        """Tokens that a token sees, itself among them."""
        return self.config.window * self.config.tokens_per_segment

    def text_states(self, states: Tensor, mask: Tensor, null: Tensor) -> TextStates:
        """Text states for cross-attention; where `null` [batch, segment] is True, the learned null prompt."""
        nothing = torch.zeros_like(mask)
        nothing[..., 0] = True
        made = torch.where(null[..., None, None], self.null_text, self.text_in(states))
        return made, torch.where(null[..., None], nothing, mask)

    def output(self, data: Tensor, text: TextStates) -> Tensor:
        """What is said of each token [batch, token, outputs], from the standardised `data` of those before and its prompt."""
        batch, tokens, _ = data.shape
        x = torch.cat([self.begin.expand(batch, 1, -1), self.latent_in(data[:, :-1])], dim=1)
        place = torch.arange(tokens, device=x.device)
        apart = place[:, None] - place
        mask = ((apart >= 0) & (apart < self.window)).expand(batch, -1, -1)
        angles = rotary_angles_at(place, self._head_width)
        for block in self.blocks:
            x = block(x, mask, text, angles)
        return self.out(rms_norm(x))

    def past(self, rows: int) -> Past:
        """Nothing yet, of so many rows."""
        return Past(len(self.blocks), self.window, self.begin.expand(rows, 1, -1))

    def next_output(self, past: Past, text: TextStates) -> Tensor:
        """What is said of the next token [row, outputs]; text: that of its segment [row, 1, piece, width]."""
        x = past.x
        angles = rotary_angles_at(torch.tensor([past.place], device=x.device), self._head_width)
        seen = min(past.place + 1, self.window)
        mask = torch.ones(len(x), 1, seen, dtype=torch.bool, device=x.device)
        for block, cache in zip(self.blocks, past.caches, strict=True):
            x = block(x, mask, text, angles, cache)
        past.place += 1
        return self.out(rms_norm(x))[:, 0]

    def segment(self, past: Past, text: TextStates, sampling: Sampling, generator: torch.Generator) -> Tensor:
        """Latents [1, tokens_per_segment, d] of the next segment; `past` goes on.

        text: states [row, 1, piece, width] and mask, of the prompt, and with guidance in a second row the null prompt.
        """
        found = []
        for _ in range(self.config.tokens_per_segment):
            output = self.next_output(past, text)
            null = output[1:] if len(output) > 1 else None
            x = self.density.sample(output[:1], null, sampling.guidance, sampling.temperature, generator)
            x = self.snap(x)
            past.x = self.latent_in(x).expand(len(output), -1)[:, None]
            found.append(self.destandardize(x))
        return torch.stack(found, dim=1)

    @property
    def _head_width(self) -> int:
        return self.config.width // self.config.heads
