"""DiCoDe's deep tokenizer, for motion (arXiv 2412.04446): two seconds become a few tokens, and a diffusion model plays them.

A *query transformer* lets learned queries read the frames of a segment; what they hold goes through a bottleneck and is the
segment's tokens. The decoder is no inverse of that: it is a small diffusion transformer that predicts the segment's clean
frames (x-prediction flow matching, `backend.diffusion.flow`) from noise, the tokens, and the few frames before the segment,
so that one segment goes on from another. Few numbers decide what happens, the noise decides the rest; the same tokens with
the same noise are the same motion.

Shapes: features [batch, frame, f], normalised unless said otherwise; latents [batch, token, d], `tokens_per_segment` of them a
segment; before [batch, frames_before, f].
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from backend.diffusion import flow
from backend.generators.layers import PlainBlock, TimedBlock, TimeEmbedding, rms_norm, rotary_angles_at
from backend.tokenizers.bottleneck import Bottleneck, Quantized
from backend.tokenizers.fsq import FSQ
from backend.tokenizers.kl import KL
from common import checks
from common.errors import InputError

SIZES: dict[str, dict[str, int]] = {
    "DiCoDe-Tokenizer-XXS": {"width": 128, "heads": 4, "encoder": 2, "decoder": 3},
    "DiCoDe-Tokenizer-XS": {"width": 256, "heads": 4, "encoder": 4, "decoder": 6},
}
"""Ours. XXS is for experiments."""

BOTTLENECKS: dict[str, Callable[[int], Bottleneck]] = {"fsq": lambda dims: FSQ((5,) * dims), "kl": KL}
"""Made from the numbers a token has."""

DIMS = 8
_check_whole = checks.integer(1, 1000)


@dataclasses.dataclass(frozen=True)
class DeepConfig:
    """Sizes; `encoder` and `decoder` count blocks. InputError where a segment cannot be cut so.

    ends: frames at each end of a segment; the first half of the tokens sees those of its beginning, the other half those of
    its end, and nobody the middle. 0: every token sees all.
    """

    width: int
    heads: int
    encoder: int
    decoder: int
    features: int = 67
    segment_frames: int = 40
    tokens_per_segment: int = 4
    frames_before: int = 8
    ends: int = 0

    def __post_init__(self) -> None:
        for name in ("segment_frames", "tokens_per_segment", "frames_before"):
            _check_whole(name, getattr(self, name))
        checks.integer(1, self.segment_frames)("tokens_per_segment", self.tokens_per_segment)
        checks.integer(1, self.segment_frames)("frames_before", self.frames_before)
        checks.integer(0, self.segment_frames // 2)("ends", self.ends)
        if self.ends and self.tokens_per_segment % 2:
            raise InputError("tokens_per_segment", self.tokens_per_segment, "an even number, half for each of the ends")


def build(name: str, bottleneck: str = "fsq", dims: int = DIMS, **options: Any) -> DeepTokenizer:
    """An untrained tokenizer of a size in `SIZES`; options: the other fields of `DeepConfig`."""
    if name not in SIZES:
        raise InputError("model", name, f"one of {', '.join(SIZES)}")
    checks.one_of(tuple(BOTTLENECKS))("bottleneck", bottleneck)
    return DeepTokenizer(DeepConfig(**SIZES[name], **options), BOTTLENECKS[bottleneck](dims))


class DeepTokenizer(nn.Module):
    """Query transformer, bottleneck, diffusion decoder.

    It is no `Coder`: its unit is a segment, not four frames, and it decodes a segment after the one before.
    """

    bottleneck: Bottleneck
    mean: Tensor
    std: Tensor

    def __init__(self, config: DeepConfig, bottleneck: Bottleneck) -> None:
        super().__init__()
        self.config, self.bottleneck = config, bottleneck
        width, features, tokens = config.width, config.features, config.tokens_per_segment
        self.frame_in = nn.Linear(features, width)
        self.queries = nn.Parameter(torch.randn(tokens, width) * 0.02)
        self.encoder = nn.ModuleList(PlainBlock(width, config.heads, 0.0) for _ in range(config.encoder))
        self.latent_out = nn.Linear(width, bottleneck.dims * (2 if isinstance(bottleneck, KL) else 1))
        self.latent_in = nn.Linear(bottleneck.dims, width)
        self.pool_in = nn.Linear(tokens * bottleneck.dims, width)
        self.before_in = nn.Linear(features, width)
        self.nothing_before = nn.Parameter(torch.randn(width) * 0.02)
        self.noisy_in = nn.Linear(features, width)
        self.time_in = TimeEmbedding(width)
        self.decoder = nn.ModuleList(TimedBlock(width, config.heads, 0.0) for _ in range(config.decoder))
        self.out = nn.Linear(width, features)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("std", torch.ones(features))

    @property
    def segment_frames(self) -> int:
        """Frames of a segment."""
        return self.config.segment_frames

    @property
    def tokens_per_segment(self) -> int:
        """Tokens of a segment."""
        return self.config.tokens_per_segment

    @property
    def frames_before(self) -> int:
        """Frames before a segment that its decoder sees."""
        return self.config.frames_before

    def normalize(self, features: Tensor) -> Tensor:
        """Features in metres and radians -> zero mean, unit std."""
        return (features - self.mean) / self.std

    def denormalize(self, features: Tensor) -> Tensor:
        """The inverse of `normalize`."""
        return features * self.std + self.mean

    def encoded(self, features: Tensor) -> Tensor:
        """Encoder outputs [batch, token, ...], as the bottleneck takes them, of whole segments; each token sees its own only.

        InputError where the frames are no whole segments.
        """
        batch, frames, _ = features.shape
        if not frames or frames % self.segment_frames:
            raise InputError("frames", frames, f"a multiple of {self.segment_frames}, the frames of a segment")
        segments = features.unflatten(1, (-1, self.segment_frames)).flatten(0, 1)
        x = torch.cat([self.queries.expand(len(segments), -1, -1), self.frame_in(segments)], dim=1)
        places = torch.arange(self.segment_frames, device=x.device)
        angles = rotary_angles_at(torch.cat([self._middles(x.device), places]), self._head_width)
        seen = self._seen(x.device)[None]
        for block in self.encoder:
            x = block(x, seen, angles)
        return self.latent_out(rms_norm(x[:, : self.tokens_per_segment])).unflatten(0, (batch, -1)).flatten(1, 2)

    def quantize(self, features: Tensor) -> Quantized:
        """Latents and indices of whole segments [batch, frame, f]."""
        return self.bottleneck.quantize(self.encoded(features))

    def encode(self, features: Tensor) -> Tensor:
        """Latents [batch, token, d] of whole segments [batch, frame, f]."""
        return self.quantize(features).latents

    def denoise(self, noisy: Tensor, time: Tensor, latents: Tensor, before: Tensor, known: Tensor) -> Tensor:
        """Predicted frames [batch, segment_frames, f] of noisy ones at times [batch], for one segment's latents.

        Where `known` [batch] is False the segment is a clip's first, and `before` is not read.
        """
        past = torch.where(known[:, None, None], self.before_in(before), self.nothing_before)
        x = torch.cat([self.latent_in(latents), past, self.noisy_in(noisy)], dim=1)
        places = torch.arange(-self.frames_before, self.segment_frames, device=x.device)
        angles = rotary_angles_at(torch.cat([self._middles(x.device), places]), self._head_width)
        everything = torch.ones(x.shape[:2], dtype=torch.bool, device=x.device)
        condition = self.time_in(time) + self.pool_in(latents.flatten(1))
        for block in self.decoder:
            x = block(x, everything, condition, angles)
        return self.out(rms_norm(x[:, -self.segment_frames :])).float()

    def decode_segment(self, latents: Tensor, noise: Tensor, before: Tensor | None, steps: int) -> Tensor:
        """Frames [batch, segment_frames, f] of one segment's latents, from noise of that shape in `steps` Euler steps.

        before: the frames before the segment, of which the last ones are read; None for a clip's first segment.
        """
        known = torch.full((len(noise),), before is not None, device=noise.device)
        past = noise[:, : self.frames_before] if before is None else before[:, -self.frames_before :]

        def slope(noisy: Tensor, time: float) -> Tensor:
            times = torch.full((len(noisy),), time, device=noisy.device)
            found: Tensor = flow.velocity(self.denoise(noisy, times, latents, past, known), noisy, time)
            return found

        found: Tensor = flow.integrate(slope, noise, steps, lambda step: None)
        return found

    def decode(self, latents: Tensor, noise: Tensor, steps: int) -> Tensor:
        """Frames [batch, frame, f] of latents [batch, token, d] and noise of as many frames, segment after segment."""
        made: list[Tensor] = []
        parts = zip(latents.split(self.tokens_per_segment, dim=1), noise.split(self.segment_frames, dim=1), strict=True)
        for tokens, chance in parts:
            made.append(self.decode_segment(tokens, chance, made[-1] if made else None, steps))
        return torch.cat(made, dim=1)

    @property
    def _head_width(self) -> int:
        return self.config.width // self.config.heads

    def _middles(self, device: torch.device) -> Tensor:
        """The places of a segment's tokens among its frames: spread evenly."""
        tokens = torch.arange(self.tokens_per_segment, device=device)
        return ((tokens + 0.5) * self.segment_frames / self.tokens_per_segment).floor()

    def _seen(self, device: torch.device) -> Tensor:
        """Who reads whom [token + frame, token + frame] in the query transformer: frames never read tokens."""
        tokens, frames, ends = self.tokens_per_segment, self.segment_frames, self.config.ends
        group = torch.zeros(tokens + frames, dtype=torch.long, device=device)
        if ends:
            group[tokens // 2 : tokens] = 1
            group[tokens:] = 2
            group[tokens : tokens + ends] = 0
            group[-ends:] = 1
        seen = group[:, None] == group[None, :]
        seen[tokens:, :tokens] = False
        return seen
