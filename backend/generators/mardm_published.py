"""MARDM as released (Meng et al., CVPR 2025, arXiv 2411.16575): the baseline, 290,816,512 parameters at XL.

Where `mardm` departs from the release, this does not: the mask latent stands before the input layer, attention has biases
and no normalised queries and keys, dropout is in the attention and behind the positions, the head's layer norms have
weights, latents are taken as they are. `sit` is sampled by Dormand & Prince's adaptive method, whose time is told to the
head in 0..1; `ddpm` is trained and sampled on a chain of 50 steps, told as 0..49. So `steps`, `solver` and `snap` of a
sampling are of no use here. The release reads CLIP's pooled text: `--text_encoder clip-pooled`.

As in `mardm` only the tokens that a round unmasks are sampled, unless `only_unmasked` is False: the head samples each by
itself, so the distribution is the release's, up to the solver's tolerance, which looks at all tokens of a pass.

Shapes as in `mardm`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from backend.diffusion import ddpm, dormand_prince
from backend.text import TextStates
from backend.tokenizers.bottleneck import Bottleneck
from backend.tokenizers.continuous import Continuous
from common.errors import InputError

from .layers import TimeEmbedding, sinusoidal_positions
from .mardm import MARDM, MARDMConfig, modulation, normed
from .sampling import OnStep, Sampling
from .token_generator import TokenGenerator

STEPS = 50
"""Of DDPM's chain; and the parts in which the adaptive solver's time is told to whoever watches."""
_XL = {"width": 1024, "depth": 1, "heads": 16, "feed": 4096, "head_width": 1792, "head_depth": 16}

SIZES: dict[str, dict[str, Any]] = {
    "MARDM-SiT-XL": {"process": "sit", **_XL},
    "MARDM-DDPM-XL": {"process": "ddpm", **_XL},
}

OPTIONS: tuple[str, ...] = ()
SAMPLING = Sampling(mar_steps=18, steps=STEPS, guidance=4.5)
"""As released for HumanML3D; for KIT-ML guidance is 2.5."""


def build(name: str, bottleneck: Bottleneck, text_width: int, **options: Any) -> PublishedMARDM:
    """An untrained MARDM of a size in `SIZES`; option: dropout. InputError unless the latents are continuous."""
    if not isinstance(bottleneck, Continuous):
        raise InputError("model", name, f"one for this tokenizer's bottleneck, {type(bottleneck).__name__}")
    return PublishedMARDM(MARDMConfig(text_width=text_width, **SIZES[name], **options), bottleneck)


class BiasedAttention(nn.Module):
    """Plain multi-head self-attention (Vaswani et al., 2017, eq. 1) with biases, and dropout of weights and output."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """x [batch, token, width] -> the same shape; tokens are read where `mask` [batch, token] is True."""
        query, key, value = (
            layer(x).unflatten(-1, (self.heads, -1)).transpose(1, 2) for layer in (self.query, self.key, self.value)
        )
        dropout = self.dropout if self.training else 0.0
        made = F.scaled_dot_product_attention(query, key, value, mask[:, None, None, :], dropout)
        return F.dropout(self.out(made.transpose(1, 2).flatten(2)), dropout, self.training)


class PublishedBlock(nn.Module):
    """Transformer block with adaLN-zero (Peebles & Xie, ICCV 2023) from the pooled text."""

    def __init__(self, config: MARDMConfig) -> None:
        super().__init__()
        self.attention = BiasedAttention(config.width, config.heads, config.dropout)
        self.feed = nn.Sequential(
            nn.Linear(config.width, config.feed), nn.GELU(approximate="tanh"), nn.Linear(config.feed, config.width)
        )
        self.modulation = modulation(config.width, 6)

    def forward(self, x: Tensor, mask: Tensor, pooled: Tensor) -> Tensor:
        """x [batch, token, width], pooled [batch, width] -> the shape of x."""
        shift_a, scale_a, gate_a, shift_f, scale_f, gate_f = self.modulation(F.silu(pooled))[:, None].chunk(6, dim=-1)
        x = x + gate_a * self.attention(normed(x, shift_a, scale_a), mask)
        return x + gate_f * self.feed(normed(x, shift_f, scale_f))


class PublishedTokenBlock(nn.Module):
    """Residual block of the head (MAR, Li et al., NeurIPS 2024): a layer norm with weights, then adaLN-zero."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.layers = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width))
        self.modulation = modulation(width, 3)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """[n, width] twice -> [n, width]."""
        shift, scale, gate = self.modulation(F.silu(condition)).chunk(3, dim=-1)
        return x + gate * self.layers(self.norm(x) * (1 + scale) + shift)


class PublishedHead(nn.Module):
    """The released diffusion MLP: noisy tokens [n, d], times [n] or [1] as they are, transformer states [n, context] -> [n, d]."""

    def __init__(self, dims: int, config: MARDMConfig) -> None:
        super().__init__()
        width = config.head_width
        self.noisy_in = nn.Linear(dims, width)
        self.time_in = TimeEmbedding(width, scale=1.0)
        self.context_in = nn.Linear(config.width, width)
        self.blocks = nn.ModuleList(PublishedTokenBlock(width) for _ in range(config.head_depth))
        self.modulation = modulation(width, 2)
        self.out = nn.Linear(width, dims)

    def forward(self, noisy: Tensor, time: Tensor, context: Tensor) -> Tensor:
        """Velocity or noise [n, d], float32."""
        x, condition = self.noisy_in(noisy), self.time_in(time) + self.context_in(context)
        for block in self.blocks:
            x = block(x, condition)
        return self.out(normed(x, *self.modulation(F.silu(condition)).chunk(2, dim=-1))).float()


class PublishedMARDM(MARDM):
    """The released generator; `config.process` says how the head samples a token."""

    chain: ClassVar[int] = STEPS
    standardizes: ClassVar[bool] = False

    def __init__(self, config: MARDMConfig, bottleneck: Bottleneck) -> None:
        TokenGenerator.__init__(self, bottleneck)  # not MARDM's: every network is another one
        self.config = config
        dims, width = bottleneck.dims, config.width
        self.known_in = nn.Linear(dims, width)
        self.masked_latent = nn.Parameter(torch.zeros(dims))
        self.prompt_in = nn.Linear(config.text_width, width)
        self.blocks = nn.ModuleList(PublishedBlock(config) for _ in range(config.depth))
        self.head = PublishedHead(dims, config)
        self._begin()

    def _begin(self) -> None:
        """The release's first weights: normal with deviation .02 in the transformer, Xavier's in the head, gates at zero."""
        for name, layer in self.named_modules():
            if not isinstance(layer, nn.Linear):
                continue
            nn.init.zeros_(layer.bias)
            if "modulation" in name or name == "head.out":
                nn.init.zeros_(layer.weight)
            elif name.startswith("head.") and not name.startswith("head.time_in"):
                nn.init.xavier_uniform_(layer.weight)
            else:
                nn.init.normal_(layer.weight, std=0.02)

    def time_of(self, number: Tensor) -> Tensor:
        """Steps of the chain are told by their numbers."""
        return number.float()

    def context(self, data: Tensor, visible: Tensor, mask: Tensor, pooled: Tensor) -> Tensor:
        """Transformer states [batch, token, width]; `data` is read only where `visible`."""
        x = self.known_in(torch.where(visible[..., None], data, self.masked_latent.to(data.dtype)))
        sines, cosines = sinusoidal_positions(x.shape[1], self.config.width, x.device).chunk(2, dim=-1)
        positions = torch.stack([sines, cosines], dim=-1).flatten(-2)  # in turns, where ours stand one after the other
        x = F.dropout(x + positions, self.config.dropout, self.training)
        for block in self.blocks:
            x = block(x, mask, pooled)
        return x

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
        """See `MARDM.inpaint`; a round has 50 steps, of the chain or of the adaptive solver's time."""
        sampling = dataclasses.replace(sampling, steps=STEPS, snap="never")
        return super().inpaint(text, latents, keep, noise, sampling, on_step, begin)

    def _tokens(
        self,
        context: Tensor,
        noise: Tensor,
        between: Tensor | None,
        sampling: Sampling,
        on_step: Callable[[int], None],
    ) -> Tensor:
        guided = self._guided(context, sampling.guidance)
        if between is None:
            return dormand_prince.integrate(guided, noise, lambda time: on_step(int(time * STEPS)))
        return ddpm.sample(
            lambda noisy, number: guided(noisy, self.time_of(number)), noise, between, on_step, length=STEPS
        )
