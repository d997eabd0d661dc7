"""The convolutional tokenizer (T2M-GPT, Zhang et al., CVPR 2023; as in MARDM, Meng et al., 2024): four frames a token."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from backend.motion.jitter import MOST, NEIGHBOUR
from common.errors import InputError

from .bottleneck import Bottleneck, Quantized

_DILATIONS = (9, 3, 1)
_FRAME_DILATIONS = (1, 3, 9)
"""Of residual blocks at the frame rate, from the first on: few of them should look closely."""
_PUBLISHED_DROPOUT = 0.2


class Residual(nn.Module):
    """ReLU, dilated convolution of width 3, ReLU, convolution of width 1, added to the input [batch, width, frame]."""

    def __init__(self, width: int, dilation: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.wide = nn.Conv1d(width, width, 3, padding=dilation, dilation=dilation)
        self.narrow = nn.Conv1d(width, width, 1)
        self.dropout = dropout

    def forward(self, x: Tensor) -> Tensor:
        """[batch, width, frame] -> the same shape."""
        return x + F.dropout(self.narrow(F.relu(self.wide(F.relu(x)))), self.dropout, self.training)


def _residuals(width: int, dropout: float, dilations: tuple[int, ...] = _DILATIONS) -> nn.Sequential:
    return nn.Sequential(*(Residual(width, dilation, dropout) for dilation in dilations))


class ConvTokenizer(nn.Module):
    """Encoder, bottleneck, decoder on normalised features.

    features: numbers a frame (67); width: channels inside. published: with the dropout of MARDM's released AE, and with the
    ReLU behind its decoder's first convolution and the convolution before its last that ours do without. A deeper decoder has
    up to three more residual blocks at the rate of tokens and up to three at that of frames, where others have none. smoothing:
    what finished clips want of `backend.motion.jitter`; `decode` does not smooth.
    """

    bottleneck: Bottleneck
    mean: Tensor
    std: Tensor

    def __init__(
        self,
        features: int,
        width: int,
        bottleneck: Bottleneck,
        published: bool = False,
        *,
        token_blocks: int = 0,
        frame_blocks: int = 0,
        smoothing: float = NEIGHBOUR,
    ) -> None:
        super().__init__()
        for name, blocks in (("token_blocks", token_blocks), ("frame_blocks", frame_blocks)):
            if not 0 <= blocks <= len(_DILATIONS):
                raise InputError(name, blocks, f"0 to {len(_DILATIONS)}")
        if not 0 <= smoothing <= MOST:
            raise InputError("smoothing", smoothing, f"0 to {MOST}")
        self.bottleneck, self.smoothing = bottleneck, smoothing
        dims, dropout = bottleneck.dims, _PUBLISHED_DROPOUT if published else 0.0
        self.encoder = nn.Sequential(
            nn.Conv1d(features, width, 3, padding=1),
            nn.ReLU(),
            nn.Conv1d(width, width, 4, stride=2, padding=1),
            _residuals(width, dropout),
            nn.Conv1d(width, width, 4, stride=2, padding=1),
            _residuals(width, dropout),
            nn.Conv1d(width, dims, 3, padding=1),
        )
        self.decoder = nn.Sequential(
            nn.Conv1d(dims, width, 3, padding=1),
            *([nn.ReLU()] if published else []),
            _residuals(width, dropout, _DILATIONS + _DILATIONS[:token_blocks]),
            nn.Upsample(scale_factor=2, mode="nearest"),
            nn.Conv1d(width, width, 3, padding=1),
            _residuals(width, dropout),
            nn.Upsample(scale_factor=2, mode="nearest"),
            nn.Conv1d(width, width, 3, padding=1),
            *([nn.Conv1d(width, width, 3, padding=1)] if published else []),
            nn.Sequential(*_residuals(width, dropout, _FRAME_DILATIONS[:frame_blocks]), nn.ReLU()),
            nn.Conv1d(width, features, 3, padding=1),
        )
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("std", torch.ones(features))

    def normalize(self, features: Tensor) -> Tensor:
        """Features in metres and radians -> zero mean, unit std; last dim 67."""
        return (features - self.mean) / self.std

    def denormalize(self, features: Tensor) -> Tensor:
        """The inverse of `normalize`."""
        return features * self.std + self.mean

    def quantize(self, features: Tensor) -> Quantized:
        """Latents and indices of normalised features [batch, frame, 67]; frame must be a multiple of 4."""
        return self.bottleneck.quantize(self.encoder(features.transpose(1, 2)).transpose(1, 2))

    def encode(self, features: Tensor) -> Tensor:
        """Latents [batch, frame // 4, d] of normalised features [batch, frame, 67]."""
        return self.quantize(features).latents

    def decode(self, latents: Tensor) -> Tensor:
        """Normalised features [batch, 4 * token, 67] of latents [batch, token, d]."""
        return self.decoder(latents.transpose(1, 2)).transpose(1, 2)

    def forward(self, features: Tensor) -> tuple[Tensor, Quantized]:
        """Reconstruction of normalised features [batch, frame, 67], and what it was made from."""
        quantized = self.quantize(features)
        return self.decode(quantized.latents), quantized
