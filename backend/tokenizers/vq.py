"""Vector quantization (van den Oord et al., NeurIPS 2017): a token is the nearest of a codebook's vectors."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from .bottleneck import Quantized
from .codebook import Codebook


class VQ(nn.Module):
    """One codebook of `size` vectors; published: 512 of 512 numbers."""

    def __init__(self, dims: int = 512, size: int = 512) -> None:
        super().__init__()
        self.dims = dims
        self.levels = (size,)
        self.codebook = Codebook(size, dims)

    def quantize(self, encoded: Tensor) -> Quantized:
        """The nearest vectors [..., d] of encoder outputs [..., d] and their indices [..., 1]; in training mode the codebook
        learns afterwards."""
        encoded = encoded.float()
        flat = encoded.detach().flatten(0, -2)
        if self.training:
            self.codebook.begin(flat)
        indices = self.codebook.nearest(encoded.detach())
        nearest = self.codebook.at(indices)
        if self.training:
            self.codebook.learn(flat, indices.flatten())
        commitment = F.mse_loss(encoded, nearest)
        return Quantized(encoded + (nearest - encoded).detach(), indices[..., None], commitment)

    def forward(self, encoded: Tensor) -> Tensor:
        """The latents [..., d] of `quantize`."""
        return self.quantize(encoded).latents

    def snap(self, latents: Tensor) -> Tensor:
        """The nearest vector [..., d] of any latents [..., d]."""
        return self.from_indices(self.to_indices(latents))

    def to_indices(self, latents: Tensor) -> Tensor:
        """The index [..., 1] of the vector nearest to latents [..., d]."""
        return self.codebook.nearest(latents)[..., None]

    def from_indices(self, indices: Tensor) -> Tensor:
        """Vectors [..., d] of indices [..., 1]."""
        return self.codebook.at(indices[..., 0])
