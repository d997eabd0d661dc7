"""MARDM (Meng et al., 2024, arXiv 2411.16575) on any latents: a masked transformer, and a diffusion MLP for each token by itself.

The transformer reads the pooled text and the visible tokens; given its state, tokens are independent of each other, and
the head samples one by flow matching (`sit`: straight path, v-prediction) or on the discrete chain (`ddpm`: epsilon).
Tokens are continuous latents, FSQ's latents or codebook vectors, as the bottleneck gives them. The mask latent stands
behind the input layer (among FSQ's few numbers it could be mistaken for a code), attention normalises queries and keys, as
everywhere in this project, latents are standardised, and time goes in as 0 to 1000. `mardm_published` has the release itself.

Since the head samples each token by itself, it is enough to sample those that a round unmasks (`Sampling.only_unmasked`);
the release samples all masked tokens in every round and keeps a few, at eleven times the cost and with the same
distribution.

Shapes: latents [batch, token, d]; keep, visible, mask [batch, token] bool; text states [batch, piece, text width].
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from itertools import pairwise
from typing import Any, ClassVar, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from backend.diffusion import ddpm, flow
from backend.text import TextStates
from backend.tokenizers.bottleneck import Bottleneck
from backend.tokenizers.continuous import Continuous
from backend.tokenizers.fsq import FSQ
from backend.tokenizers.vq import VQ
from common.errors import InputError

from .layers import Attention, TimeEmbedding, sinusoidal_positions
from .noise import seed_of
from .sampling import OnStep, Sampling, counted
from .token_generator import TokenGenerator, both_prompts, for_each
from .unmasking import masked_after, unmask_order

_REACH = 6.0
"""Largest predicted datum, in standard deviations: the chain's first step divides by sqrt(alpha_bar) = 5e-5."""


@dataclasses.dataclass(frozen=True)
class MARDMConfig:
    """Sizes. `feed` is the feed-forward's width, `head_*` are the per-token MLP's."""

    text_width: int
    process: Literal["sit", "ddpm"]
    width: int
    depth: int
    heads: int
    feed: int
    head_width: int
    head_depth: int
    dropout: float = 0.2


_XL = {"width": 1024, "depth": 1, "heads": 16, "feed": 4096, "head_width": 1792, "head_depth": 16}
_XS = {"width": 384, "depth": 3, "heads": 6, "feed": 1536, "head_width": 320, "head_depth": 3}
_XXS = {"width": 160, "depth": 4, "heads": 4, "feed": 640, "head_width": 192, "head_depth": 4}
_PROCESSES = {
    "MARDM-SiT": "sit",
    "MARDM-DDPM": "ddpm",
    "FSQ-MARDM-SiT": "sit",
    "FSQ-MARDM-DDPM": "ddpm",
    "VQ-MARDM-SiT": "sit",
}
_BOTTLENECKS: dict[str, type[nn.Module]] = {"MARDM": Continuous, "FSQ": FSQ, "VQ": VQ}

_RENAMED = {name: f"{name}-Fast" for name in ("MARDM-SiT-XL", "MARDM-DDPM-XL")}
"""These names are the release's own networks."""

SIZES: dict[str, dict[str, Any]] = {
    _RENAMED.get(f"{name}-{size}", f"{name}-{size}"): {"process": process, **numbers}
    for size, numbers in {"XL": _XL, "XS": _XS, "XXS": _XXS}.items()
    for name, process in _PROCESSES.items()
}
"""XL of the published widths; XS and XXS, about as large as the IsoDiM of the same size, for experiments on a CPU."""

OPTIONS: tuple[str, ...] = ()
SAMPLING = Sampling(mar_steps=18, steps=50, guidance=4.5)
"""Rounds and guidance of the release on HumanML3D, and about as many evaluations a token."""


def build(name: str, bottleneck: Bottleneck, text_width: int, **options: Any) -> MARDM:
    """An untrained MARDM of a size in `SIZES`; option: dropout. InputError when name and bottleneck do not belong together."""
    wanted = _BOTTLENECKS[name.split("-", maxsplit=1)[0]]
    if not isinstance(bottleneck, wanted):
        raise InputError("model", name, f"one for this tokenizer's bottleneck, {type(bottleneck).__name__}")
    return MARDM(MARDMConfig(text_width=text_width, **SIZES[name], **options), bottleneck)


def modulation(width: int, parts: int) -> nn.Linear:
    """The layer that gives adaLN-zero its `parts` of [width] each; it begins at zero."""
    layer = nn.Linear(width, parts * width)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


def normed(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    """x [..., width], normalised over its last dim, scaled and shifted by adaLN."""
    return F.layer_norm(x, x.shape[-1:], eps=1e-6) * (1 + scale) + shift


class PooledBlock(nn.Module):
    """Transformer block with adaLN-zero (Peebles & Xie, ICCV 2023) from the pooled text."""

    def __init__(self, config: MARDMConfig) -> None:
        super().__init__()
        self.attention = Attention(config.width, config.heads)
        self.feed = nn.Sequential(nn.Linear(config.width, config.feed), nn.GELU(), nn.Linear(config.feed, config.width))
        self.modulation = modulation(config.width, 6)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, mask: Tensor, pooled: Tensor) -> Tensor:
        """x [batch, token, width], pooled [batch, width] -> the shape of x."""
        shift_a, scale_a, gate_a, shift_f, scale_f, gate_f = self.modulation(F.silu(pooled))[:, None].chunk(6, dim=-1)
        read = normed(x, shift_a, scale_a)
        x = x + gate_a * self.dropout(self.attention(read, read, mask, None))
        return x + gate_f * self.dropout(self.feed(normed(x, shift_f, scale_f)))


class TokenBlock(nn.Module):
    """Residual block of the head: adaLN-zero from time and context around two linear layers (MAR, Li et al., 2024)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width))
        self.modulation = modulation(width, 3)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """[n, width] twice -> [n, width]."""
        shift, scale, gate = self.modulation(F.silu(condition)).chunk(3, dim=-1)
        return x + gate * self.layers(normed(x, shift, scale))


class TokenHead(nn.Module):
    """The diffusion MLP: noisy tokens [n, d], times [n] or [1], transformer states [n, context] -> [n, d]."""

    def __init__(self, dims: int, config: MARDMConfig) -> None:
        super().__init__()
        width = config.head_width
        self.noisy_in = nn.Linear(dims, width)
        self.time_in = TimeEmbedding(width)
        self.context_in = nn.Linear(config.width, width)
        self.blocks = nn.ModuleList(TokenBlock(width) for _ in range(config.head_depth))
        self.modulation = modulation(width, 2)
        self.out = nn.Linear(width, dims)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, noisy: Tensor, time: Tensor, context: Tensor) -> Tensor:
        """Velocity or noise [n, d], float32."""
        x, condition = self.noisy_in(noisy), self.time_in(time) + self.context_in(context)
        for block in self.blocks:
            x = block(x, condition)
        return self.out(normed(x, *self.modulation(F.silu(condition)).chunk(2, dim=-1))).float()


class MARDM(TokenGenerator):
    """The generator; `config.process` says how the head samples a token. `chain` is the length of DDPM's chain."""

    chain: ClassVar[int] = ddpm.STEPS
    head: nn.Module

    def __init__(self, config: MARDMConfig, bottleneck: Bottleneck) -> None:
        super().__init__(bottleneck)
        self.config = config
        dims, width = bottleneck.dims, config.width
        self.known_in = nn.Linear(dims, width)
        self.masked_token = nn.Parameter(torch.randn(width) * 0.02)
        self.prompt_in = nn.Linear(config.text_width, width)
        self.blocks = nn.ModuleList(PooledBlock(config) for _ in range(config.depth))
        self.head = TokenHead(dims, config)

    def time_of(self, number: Tensor) -> Tensor:
        """What the head is told of steps of the chain by their numbers."""
        return number / self.chain

    def pooled(self, states: Tensor, mask: Tensor, null: Tensor) -> Tensor:
        """Mean of the text states [batch, width]; rows of `null` [batch] see zeros, as in the release."""
        seen = mask & ~null[:, None]
        share = seen.to(states.dtype) / seen.sum(1, keepdim=True).clamp(min=1)
        return self.prompt_in((states * share[..., None]).sum(1))

    def context(self, data: Tensor, visible: Tensor, mask: Tensor, pooled: Tensor) -> Tensor:
        """Transformer states [batch, token, width]; `data` is standardised and read only where `visible`."""
        x = torch.where(visible[..., None], self.known_in(data), self.masked_token.to(data.dtype))
        x = x + sinusoidal_positions(x.shape[1], self.config.width, x.device)
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
        """See `Generator.inpaint`: rounds of the masked transformer outside, the head's diffusion steps inside.

        The order of unmasking and the noise between DDPM's steps follow from `noise`, a row from its own. Rounds that
        unmask nothing are jumped over. `solver` is of no use to DDPM, and `snap="end"` is the end of each round, because
        later rounds read codes.
        """
        text = for_each(text, len(noise))
        total = sampling.mar_steps * sampling.steps
        between = _step_noise(noise, sampling.steps) if self.config.process == "ddpm" else None
        current = latents.clone()
        kept, device = keep.cpu().numpy(), keep.device
        order = unmask_order(noise.cpu().numpy(), kept)
        rounds = [
            torch.from_numpy(masked_after(kept, order, done, sampling.mar_steps)).to(device)
            for done in range(sampling.mar_steps + 1)
        ]
        for index, (masked, still_masked) in enumerate(pairwise(rounds)):
            now = masked & ~still_masked if sampling.only_unmasked else masked
            if not now.any():
                continue
            context = self._contexts(text, self.standardize(current), ~masked)[:, now]
            count = counted(on_step, index * sampling.steps, total)
            noise_between = None if between is None else between[:, now]
            made = self.destandardize(self._tokens(context, noise[now], noise_between, sampling, count))
            current[now] = made if sampling.snap == "never" else self.bottleneck.snap(made)
        return current

    def _contexts(self, text: TextStates, data: Tensor, visible: Tensor) -> Tensor:
        """Transformer states [2, batch, token, width]: with the text and with the null prompt, in one pass."""
        twice, visible_twice = torch.cat([data, data]), torch.cat([visible, visible])
        pooled = self.pooled(*both_prompts(text))
        return self.context(twice, visible_twice, torch.ones_like(visible_twice), pooled).unflatten(0, (2, len(data)))

    def _guided(self, context: Tensor, guidance: float) -> Callable[[Tensor, Tensor], Tensor]:
        """The head for contexts [2, n, width], moved away from the null prompt's (Ho & Salimans, 2022, eq. 6), at all times."""
        both = context.flatten(0, 1)

        def guided(noisy: Tensor, time: Tensor) -> Tensor:
            with_text, with_null = self.head(torch.cat([noisy, noisy]), time[None], both).chunk(2)
            return with_null + guidance * (with_text - with_null)

        return guided

    def _tokens(
        self,
        context: Tensor,
        noise: Tensor,
        between: Tensor | None,
        sampling: Sampling,
        on_step: Callable[[int], None],
    ) -> Tensor:
        """Standardised data [n, d] for contexts [2, n, width] and noise [n, d]."""
        guided = self._guided(context, sampling.guidance)

        def snapped(data: Tensor) -> Tensor:
            return self.snap(data) if sampling.snap == "step" else data

        def slope(noisy: Tensor, time: float) -> Tensor:
            velocity = guided(noisy, noisy.new_tensor(time))
            if sampling.snap != "step":
                return velocity
            return (snapped(noisy + (1 - time) * velocity) - noisy) / (1 - time)

        if between is None:
            return flow.integrate(slope, noise, sampling.steps, on_step, sampling.solver == "heun")
        return ddpm.sample(
            lambda noisy, number: guided(noisy, self.time_of(number)),
            noise,
            between,
            on_step,
            lambda data: snapped(data.clamp(-_REACH, _REACH)),
        )


def _step_noise(noise: Tensor, steps: int) -> Tensor:
    """[steps - 1, batch, token, d] for DDPM, the same for a token in whichever round it is sampled."""
    rows = [torch.randn(steps - 1, *row.shape, generator=_chance(row)) for row in noise]
    return torch.stack(rows, dim=1).to(noise.device)


def _chance(row: Tensor) -> torch.Generator:
    """On the CPU, of one row of noise [token, d]."""
    return torch.Generator().manual_seed(seed_of(row.cpu().numpy(), "steps"))
