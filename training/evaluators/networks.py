"""The networks of our own evaluator: two transformers trained from nothing on the corpus, sharing no weight with a generator.

Masks are boolean, True where a frame, token or word is real. Padding never changes an embedding.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from backend.generators.layers import sinusoidal_positions

from .words import BUCKETS, bags

FRAMES_PER_TOKEN = 4
_AT_ONCE = 32
_RATE_GAIN = 10.0
"""Frame-to-frame changes of normalised features are about a tenth of the features themselves."""


def mean_of(states: Tensor, mask: Tensor) -> Tensor:
    """Mean [batch, width] of the real ones among states [batch, place, width]."""
    real = mask[..., None].to(states.dtype)
    return (states * real).sum(1) / real.sum(1).clamp(min=1)


class Transformer(nn.Module):
    """Pre-norm transformer encoder over states with sinusoidal positions; its real states' mean, projected to `dims`."""

    def __init__(self, width: int, layers: int, dims: int, dropout: float) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(
            width, width // 32, 4 * width, dropout, activation="gelu", batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerEncoder(layer, layers, nn.LayerNorm(width), enable_nested_tensor=False)
        self.out = nn.Linear(width, dims)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """states [batch, place, width], mask [batch, place] -> unit vectors [batch, dims]."""
        states = states + sinusoidal_positions(states.shape[1], states.shape[2], states.device)
        return F.normalize(self.out(mean_of(self.layers(states, src_key_padding_mask=~mask), mask)), dim=-1)


class MotionEncoder(nn.Module):
    """Normalised features and their changes -> two strided convolutions, four frames a token -> transformer."""

    mean: Tensor
    std: Tensor

    def __init__(self, features: int, width: int, layers: int, dims: int, dropout: float) -> None:
        super().__init__()
        self.first = nn.Conv1d(2 * features, width, 4, stride=2, padding=1)
        self.second = nn.Conv1d(width, width, 4, stride=2, padding=1)
        self.transformer = Transformer(width, layers, dims, dropout)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("std", torch.ones(features))

    def forward(self, features: Tensor, frames: Tensor) -> Tensor:
        """[batch, frame, feature] in metres and radians, real up to `frames` [batch] (4 or more) -> [batch, dims]."""
        x = (features - self.mean) / self.std
        x = torch.cat([x, F.pad(_RATE_GAIN * x.diff(dim=1), (0, 0, 1, 0))], dim=-1)
        x = _kept(x, frames).transpose(1, 2)
        x = F.gelu(self.first(x)).transpose(1, 2)
        x = F.gelu(self.second(_kept(x, frames // 2).transpose(1, 2))).transpose(1, 2)
        mask = torch.arange(x.shape[1], device=x.device) < (frames // FRAMES_PER_TOKEN)[:, None]
        return self.transformer(self.dropout(x), mask)

    def clips(self, motions: Sequence[NDArray[np.float32]]) -> Tensor:
        """Clips [frame, feature] of any lengths -> [clip, dims]; alike lengths go together, so that little is padding."""
        order = np.argsort([len(motion) for motion in motions], kind="stable")
        parts = []
        for start in range(0, len(order), _AT_ONCE):
            rows = [torch.from_numpy(np.asarray(motions[index])) for index in order[start : start + _AT_ONCE]]
            frames = torch.tensor([len(row) for row in rows], device=self.mean.device)
            parts.append(self(nn.utils.rnn.pad_sequence(rows, batch_first=True).to(self.mean), frames))
        return torch.cat(parts)[torch.from_numpy(np.argsort(order))]


def _kept(x: Tensor, places: Tensor) -> Tensor:
    """x [batch, place, width] with zeros from `places` [batch] on: what a convolution's own padding would give."""
    real = torch.arange(x.shape[1], device=x.device) < places[:, None]
    return torch.where(real[..., None], x, 0.0)


class TextEncoder(nn.Module):
    """Hashed n-grams -> word vectors -> transformer."""

    def __init__(self, width: int, layers: int, dims: int, dropout: float, word_dropout: float) -> None:
        super().__init__()
        self.grams = nn.EmbeddingBag(BUCKETS, width, mode="mean")
        nn.init.normal_(self.grams.weight, std=1.0)
        self.transformer = Transformer(width, layers, dims, dropout)
        self.word_dropout = nn.Dropout1d(word_dropout)

    def forward(self, captions: list[str]) -> Tensor:
        """Captions -> unit vectors [batch, dims]."""
        flat, offsets, mask = (part.to(self.grams.weight.device) for part in bags(captions))
        words = self.grams(flat, offsets).unflatten(0, mask.shape)
        return self.transformer(self.word_dropout(words), mask)


class Judge(nn.Module):
    """Both encoders and the temperature of their contrast; at most 100, as in CLIP (Radford et al., 2021, section 2.3)."""

    def __init__(
        self, features: int, width: int, layers: int, dims: int, dropout: float = 0.0, word_dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.motion = MotionEncoder(features, width, layers, dims, dropout)
        self.text = TextEncoder(width, max(1, layers - 1), dims, dropout, word_dropout)
        self.log_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))

    def logits(self, motions: Tensor, texts: Tensor) -> Tensor:
        """Scaled cosines [motion, text] of unit vectors."""
        return self.log_scale.clamp(max=math.log(100.0)).exp() * motions @ texts.T
