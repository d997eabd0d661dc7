"""Transformer parts shared by the generators.

Shapes: x [batch, token, width]; padding masks are boolean, True where a token is real.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def rotary_angles(tokens: int, head_width: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Cosines and sines [token, head_width // 2] of rotary positions (Su et al., 2021, eq. 34)."""
    return rotary_angles_at(torch.arange(tokens, device=device), head_width)


def rotary_angles_at(positions: Tensor, head_width: int) -> tuple[Tensor, Tensor]:
    """Those of any whole positions [token]."""
    rates = 10_000.0 ** (-torch.arange(0, head_width, 2, device=positions.device).float() / head_width)
    angles = positions.float()[:, None] * rates
    return angles.cos(), angles.sin()


def rotate_positions(x: Tensor, angles: tuple[Tensor, Tensor]) -> Tensor:
    """Turn query or key pairs [batch, head, token, head_width] by their positions' angles."""
    cos, sin = (part.to(x.dtype) for part in angles)
    first, second = x.chunk(2, dim=-1)
    return torch.cat([first * cos - second * sin, first * sin + second * cos], dim=-1)


def sinusoidal_positions(places: int, width: int, device: torch.device) -> Tensor:
    """Positions [place, width] to add to states (Vaswani et al., 2017, section 3.5), sines first."""
    rates = torch.exp(-math.log(10_000.0) * torch.arange(0, width, 2, device=device).float() / width)
    angles = torch.arange(places, device=device).float()[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], dim=-1)


def rms_norm(x: Tensor) -> Tensor:
    """Root-mean-square normalisation (Zhang & Sennrich, 2019) over the last dim; the next linear layer holds the scale."""
    return F.rms_norm(x, x.shape[-1:])


class KeyValueCache:
    """The keys and values [batch, head, token, head_width] that one attention has seen, for sampling token by token.

    most: how many of the newest are kept; 0 keeps all.
    """

    def __init__(self, most: int = 0) -> None:
        self.most = most
        self._seen: tuple[Tensor, Tensor] | None = None

    @property
    def tokens(self) -> int:
        """How many are kept."""
        return 0 if self._seen is None else self._seen[0].shape[2]

    def extended(self, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """All keys and values up to and with these, or the newest of them, which are kept."""
        if self._seen is not None:
            key, value = (torch.cat(pair, dim=2) for pair in zip(self._seen, (key, value), strict=True))
        self._seen = key[:, :, -self.most :], value[:, :, -self.most :]
        return self._seen


class Attention(nn.Module):
    """Multi-head attention with RMS-normalised queries and keys (QK-norm, Henry et al., 2020) and a learned temperature."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads, self.head_width = heads, width // heads
        self.query = nn.Linear(width, width, bias=False)
        self.key_value = nn.Linear(width, 2 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        self.temperature = nn.Parameter(torch.full((heads, 1, 1), self.head_width**-0.5))

    def forward(
        self,
        x: Tensor,
        source: Tensor,
        mask: Tensor,
        angles: tuple[Tensor, Tensor] | None,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """Attend from x to `source` [batch, token', width] where `mask` [batch, token'] is True, or [batch, token, token'].

        With a cache x attends to what the cache has seen as well, which comes first in the mask.
        """
        heads = (self.heads, self.head_width)
        query = rms_norm(self.query(x).unflatten(-1, heads)).transpose(1, 2)
        key, value = (part.unflatten(-1, heads).transpose(1, 2) for part in self.key_value(source).chunk(2, dim=-1))
        key = rms_norm(key)
        if angles is not None:
            query, key = rotate_positions(query, angles), rotate_positions(key, angles)
        if cache is not None:
            key, value = cache.extended(key, value)
        by_query = mask[:, None, None, :] if mask.dim() == 2 else mask[:, None]
        # written out: on a CPU at these lengths the fused kernel's backward takes four times as long
        scores = (query * self.temperature.to(query.dtype)) @ key.transpose(-1, -2)
        weights = scores.masked_fill(~by_query, torch.finfo(scores.dtype).min).softmax(-1)
        return self.out((weights.to(value.dtype) @ value).transpose(1, 2).flatten(2))


class SwiGLU(nn.Module):
    """Gated feed-forward (Shazeer, 2020) of two thirds of the classic 4x width."""

    def __init__(self, width: int) -> None:
        super().__init__()
        hidden = math.ceil(width * 8 / 3 / 32) * 32
        self.gate_up = nn.Linear(width, 2 * hidden, bias=False)
        self.down = nn.Linear(hidden, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """[..., width] -> the same shape."""
        gate, up = self.gate_up(x).chunk(2, dim=-1)
        return self.down(F.silu(gate) * up)


class PlainBlock(nn.Module):
    """Pre-norm block: self-attention, feed-forward."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.attention = Attention(width, heads)
        self.feed = SwiGLU(width)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, x: Tensor, mask: Tensor, angles: tuple[Tensor, Tensor], cache: KeyValueCache | None = None
    ) -> Tensor:
        """[batch, token, width] -> the same shape; mask and cache as in `Attention`."""
        normed = rms_norm(x)
        x = x + self.dropout(self.attention(normed, normed, mask, angles, cache))
        return x + self.dropout(self.feed(rms_norm(x)))


class TextLayers(nn.Module):
    """What a pre-norm block holds that reads a text: self-attention, cross-attention to the text states, feed-forward."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.attention = Attention(width, heads)
        self.words = Attention(width, heads)
        self.feed = SwiGLU(width)
        self.dropout = nn.Dropout(dropout)


class TextBlock(TextLayers):
    """Block of the MAR transformer: all tokens read the same text."""

    def forward(
        self, x: Tensor, mask: Tensor, text: Tensor, text_mask: Tensor, angles: tuple[Tensor, Tensor]
    ) -> Tensor:
        """[batch, token, width] -> the same shape."""
        normed = rms_norm(x)
        x = x + self.dropout(self.attention(normed, normed, mask, angles))
        x = x + self.dropout(self.words(rms_norm(x), text, text_mask, None))
        return x + self.dropout(self.feed(rms_norm(x)))


class TimedBlock(nn.Module):
    """Block of the diffusion transformer: adaLN-zero (Peebles & Xie, ICCV 2023) from the time embedding."""

    feed: nn.Module

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.attention = Attention(width, heads)
        self.feed = SwiGLU(width)
        self.modulation = nn.Linear(width, 6 * width)
        nn.init.zeros_(self.modulation.weight)
        nn.init.zeros_(self.modulation.bias)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor, time: Tensor, angles: tuple[Tensor, Tensor]) -> Tensor:
        """x [batch, token, width], time [batch, width] -> the shape of x."""
        shift_a, scale_a, gate_a, shift_f, scale_f, gate_f = self.modulation(F.silu(time))[:, None].chunk(6, dim=-1)
        normed = rms_norm(x) * (1 + scale_a) + shift_a
        x = x + gate_a * self.dropout(self.attention(normed, normed, self.attended(mask), angles))
        normed = rms_norm(x) * (1 + scale_f) + shift_f
        return x + gate_f * self.dropout(self.feed_forward(normed, mask))

    def attended(self, mask: Tensor) -> Tensor:
        """What each token attends to, as `Attention` takes it; `mask` [batch, token] says which are real."""
        return mask

    def feed_forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """The feed-forward [batch, token, width]; families may have another one."""
        return self.feed(x)


class TimeEmbedding(nn.Module):
    """Sinusoids of the diffusion time in 0..1, times `scale`, then two linear layers."""

    def __init__(self, width: int, scale: float = 1000.0) -> None:
        super().__init__()
        self.scale = scale
        self.layers = nn.Sequential(nn.Linear(256, width), nn.SiLU(), nn.Linear(width, width))

    def forward(self, time: Tensor) -> Tensor:
        """time [batch] -> [batch, width]."""
        rates = torch.exp(-math.log(10_000.0) * torch.arange(128, device=time.device).float() / 128)
        angles = self.scale * time.float()[:, None] * rates
        return self.layers(torch.cat([angles.cos(), angles.sin()], dim=-1))
