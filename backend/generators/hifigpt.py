"""T2M-HiFiGPT (arXiv 2312.10628): two GPTs over the codes of a residual VQ.

The *temporal* GPT reads the text and the motion so far, one vector a time step, and condenses it into one context vector;
the *residual* GPT makes that time step's codes from it, one depth after another. The vector of a time step is the sum of
its codes' vectors, which is the tokenizer's own latent: the table that both GPTs share is the codebook behind a linear
layer, so that kept tokens need no codes.

What the paper's public text leaves open and is decided here: widths and depths, that all text states stand before the
motion and not one sentence vector, rotary positions, the scale of guidance, and that only the temporal GPT's input is corrupted.

The order of time is its order of sampling: `keep` tokens count for what comes after them, never for what comes before. A
clip is gone on with natively; a gap is filled without sight of its far end.

Shapes: latents [batch, token, d]; indices [batch, token, depth]; text states [batch, piece, text width].
"""

from __future__ import annotations

import dataclasses
from typing import Any

import torch
from torch import Tensor, nn

from backend.text import TextStates
from backend.tokenizers.bottleneck import Bottleneck
from backend.tokenizers.rvq import RVQ
from common.errors import InputError

from .layers import KeyValueCache, PlainBlock, rms_norm, rotary_angles, rotary_angles_at
from .sampling import OnStep, Sampling
from .token_generator import TokenGenerator, both_prompts, for_each

SIZES: dict[str, dict[str, Any]] = {
    "T2M-HiFiGPT-XXS": {"width": 128, "heads": 4, "temporal": 3, "residual": 1},
    "T2M-HiFiGPT-XS": {"width": 256, "heads": 4, "temporal": 6, "residual": 2},
    "T2M-HiFiGPT-B": {"width": 512, "heads": 8, "temporal": 9, "residual": 4},
}
"""Ours: the paper's public text has none. XXS is for experiments."""

OPTIONS: tuple[str, ...] = ()
SAMPLING = Sampling()


@dataclasses.dataclass(frozen=True)
class HiFiGPTConfig:
    """Sizes; `temporal` and `residual` are the two GPTs' blocks."""

    text_width: int
    width: int
    heads: int
    temporal: int
    residual: int
    dropout: float = 0.1


def build(name: str, bottleneck: Bottleneck, text_width: int, **options: Any) -> HiFiGPT:
    """An untrained HiFiGPT of a size in `SIZES`; option: dropout. InputError unless the bottleneck is a residual VQ."""
    if not isinstance(bottleneck, RVQ):
        raise InputError("model", name, f"one for this tokenizer's bottleneck, {type(bottleneck).__name__}")
    return HiFiGPT(HiFiGPTConfig(text_width=text_width, **SIZES[name], **options), bottleneck)


class HiFiGPT(TokenGenerator):
    """The generator. Of `Sampling` it uses `guidance`, `temperature`, `top_k` and `top_p`."""

    bottleneck: RVQ

    def __init__(self, config: HiFiGPTConfig, bottleneck: RVQ) -> None:
        super().__init__(bottleneck)
        self.config = config
        self.codes, self.depth = bottleneck.levels[0], len(bottleneck.levels)
        width, dims = config.width, bottleneck.dims
        self.text_in = nn.Linear(config.text_width, width)
        self.null_text = nn.Parameter(torch.randn(1, width) * 0.02)
        self.begin = nn.Parameter(torch.randn(width) * 0.02)
        self.latent_in = nn.Linear(dims, width)
        self.temporal = nn.ModuleList(PlainBlock(width, config.heads, config.dropout) for _ in range(config.temporal))
        self.code_in = nn.Linear(dims, width)
        self.residual = nn.ModuleList(PlainBlock(width, config.heads, config.dropout) for _ in range(config.residual))
        self.out = nn.Linear(width, self.codes + 1)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    @property
    def end(self) -> int:
        """The class of the first depth that says that the motion is over."""
        return self.codes

    def text_states(self, states: Tensor, mask: Tensor, null: Tensor) -> TextStates:
        """Text states [batch, piece, width] for cross-attention; where `null` [batch] is True, the learned null prompt."""
        nothing = torch.zeros_like(mask)
        nothing[:, 0] = True
        return torch.where(null[:, None, None], self.null_text, self.text_in(states)), torch.where(
            null[:, None], nothing, mask
        )

    def contexts(self, data: Tensor, text: Tensor, text_mask: Tensor) -> Tensor:
        """Context vectors [batch, token + 1, width], each from the standardised `data` of the tokens before its own.

        The last one follows all tokens: it is where the motion may end.
        """
        x, mask = self._prefix(text, text_mask)
        tokens = data.shape[1]
        x = torch.cat([x, self.latent_in(data)], dim=1)
        mask = torch.cat([mask, mask[:, -1:].expand(-1, tokens, -1)], dim=1)
        later = torch.ones(tokens + 1, tokens, dtype=torch.bool, device=x.device).tril(-1)
        later = torch.cat([later.new_zeros(text.shape[1], tokens), later])
        mask = torch.cat([mask, later.expand(len(x), -1, -1)], dim=2)
        angles = self._angles(text.shape[1], tokens + 1, x.device)
        for block in self.temporal:
            x = block(x, mask, angles)
        return rms_norm(x[:, text.shape[1] :])

    def logits(self, contexts: Tensor, indices: Tensor) -> Tensor:
        """Logits [n, depth, codes + 1] of each depth of a time step, from its context [n, width] and the depths before.

        indices [n, depth] or [n, depth - 1]: the last depth's is never read.
        """
        x = torch.cat([contexts[:, None], self.code_in(self._scaled(indices[:, : self.depth - 1]))], dim=1)
        angles = rotary_angles(self.depth, self.config.width // self.config.heads, x.device)
        mask = torch.ones(1, self.depth, self.depth, dtype=torch.bool, device=x.device).tril()
        for block in self.residual:
            x = block(x, mask, angles)
        return self.out(rms_norm(x)).float()

    def inpaint(
        self,
        text: TextStates,
        latents: Tensor,
        keep: Tensor,
        noise: Tensor,
        sampling: Sampling,
        on_step: OnStep,
        begin: Tensor | None = None,
    ) -> Tensor:
        """See `Generator.inpaint`; a step is a token."""
        return self._sample(text, latents, keep, noise, sampling, on_step)[0]

    def lengths(self, text: TextStates, noise: Tensor, sampling: Sampling) -> Tensor:
        """Tokens [batch] that clips from `noise` [batch, token, d] have until they end, at most all and at least one."""
        nothing = torch.zeros(noise.shape[:2], dtype=torch.bool, device=noise.device)
        return self._sample(text, torch.zeros_like(noise), nothing, noise, sampling, lambda step, total: None, True)[1]

    def _sample(
        self,
        text: TextStates,
        latents: Tensor,
        keep: Tensor,
        noise: Tensor,
        sampling: Sampling,
        on_step: OnStep,
        may_end: bool = False,
    ) -> tuple[Tensor, Tensor]:
        """Latents and lengths [batch]; both guidance passes go through the networks in one batch."""
        batch, tokens, _ = noise.shape
        states, mask = self.text_states(*both_prompts(for_each(text, batch)))
        chance = torch.special.ndtr(noise[..., : self.depth])
        caches = [KeyValueCache() for _ in self.temporal]
        current, length = latents.clone(), torch.full((batch,), tokens, device=noise.device)
        x, seen = self._prefix(states, mask)
        angles = self._angles(mask.shape[1], 1, x.device)
        for token in range(tokens):
            if keep[:, token:].all():
                break
            on_step(token, tokens)
            for block, cache in zip(self.temporal, caches, strict=True):
                x = block(x, seen, angles, cache)
            indices = self._codes(rms_norm(x[:, -1:]), chance[:, token], sampling, may_end and token > 0)
            length = torch.where((indices[:, 0] == self.end) & (length == tokens), token, length)
            made = self.bottleneck.from_indices(indices.clamp(max=self.codes - 1))
            current[:, token] = torch.where(keep[:, token, None], current[:, token], made)
            x = self.latent_in(self.standardize(current[:, token])).repeat(2, 1)[:, None]
            seen = torch.cat([seen[:, -1:], seen.new_ones(2 * batch, 1, 1)], dim=2)
            angles = self._angles(0, 1, x.device, first=token + 2)
        return current, length

    def _prefix(self, text: Tensor, text_mask: Tensor) -> tuple[Tensor, Tensor]:
        """The text and the vector before the first token [batch, piece + 1, width], and who of them attends to whom."""
        x = torch.cat([text, self.begin.expand(len(text), 1, -1)], dim=1)
        pieces = text_mask.shape[1]
        mask = torch.cat([text_mask, text_mask.new_zeros(len(text), 1)], dim=1)[:, None].repeat(1, pieces + 1, 1)
        mask[:, -1, -1] = True
        return x, mask

    def _angles(self, pieces: int, tokens: int, device: torch.device, first: int = 1) -> tuple[Tensor, Tensor]:
        """Rotary angles of text at place 0, whose states hold its order already, and of tokens from place `first` on."""
        places = torch.cat([torch.zeros(pieces, device=device), torch.arange(first, first + tokens, device=device)])
        return rotary_angles_at(places, self.config.width // self.config.heads)

    def _codes(self, context: Tensor, chance: Tensor, sampling: Sampling, may_end: bool) -> Tensor:
        """Indices [batch, depth] sampled with `chance` [batch, depth] in 0..1, from contexts [2 batch, 1, width]."""
        caches = [KeyValueCache() for _ in self.residual]
        x, found = context, []
        for depth in range(self.depth):
            angles = self._angles(0, 1, x.device, first=depth)
            seen = torch.ones(1, 1, depth + 1, dtype=torch.bool, device=x.device)
            for block, cache in zip(self.residual, caches, strict=True):
                x = block(x, seen, angles, cache)
            classes = self.codes + (may_end and depth == 0)
            logits = self.out(rms_norm(x))[:, 0, :classes].float()
            found.append(_chosen(logits, chance[:, depth], sampling))
            codes = found[-1].clamp(max=self.codes - 1)[:, None]
            x = self.code_in(self._scaled(codes)).repeat(2, 1, 1)
        return torch.stack(found, dim=-1)

    def _scaled(self, indices: Tensor) -> Tensor:
        """Codebook vectors [..., d] in the latents' standard deviations."""
        return self.bottleneck.codebook.at(indices) / self.std


def _chosen(logits: Tensor, chance: Tensor, sampling: Sampling) -> Tensor:
    """Indices [batch] sampled from logits [2 batch, code]: guided, l_null + g (l_text - l_null), then cut to the likeliest.

    The inverse of the cumulative distribution at `chance` [batch] has exactly that distribution.
    """
    with_text, with_null = logits.chunk(2)
    guided = (with_null + sampling.guidance * (with_text - with_null)) / sampling.temperature
    share, order = guided.softmax(-1).sort(-1, descending=True)
    rank = torch.arange(share.shape[-1], device=share.device)
    kept = (share.cumsum(-1) - share < sampling.top_p) & (rank < (sampling.top_k or len(rank)))
    below = (share * kept).cumsum(-1)
    place = (below[:, :-1] < chance[:, None] * below[:, -1:]).sum(-1)
    return order.gather(-1, place.clamp(max=kept.sum(-1) - 1)[:, None])[:, 0]
