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

    def quantize(self, latent: Tensor) -> Quantized:
        """The nearest vectors [..., d] of encoder outputs [..., d] and their indices [..., 1]; in training mode the codebook
        learns afterwards."""
        latent = latent.float()
        flat = latent.detach().flatten(0, -2)
        if self.training:
            self.codebook.begin(flat)
        indices = self.codebook.nearest(latent.detach())
        nearest = self.codebook.at(indices)
        if self.training:
            self.codebook.learn(flat, indices.flatten())
        commitment = F.mse_loss(latent, nearest)
        return Quantized(latent + (nearest - latent).detach(), indices[..., None], commitment)

    def forward(self, latent: Tensor) -> Tensor:
        """The coordinates [..., d] of `quantize`."""
        return self.quantize(latent).coordinates

    def snap(self, coordinates: Tensor) -> Tensor:
        """The nearest vector [..., d] of any coordinates [..., d]."""
        return self.from_codes(self.to_codes(coordinates))

    def to_codes(self, coordinates: Tensor) -> Tensor:
        """The index [..., 1] of the vector nearest to coordinates [..., d]."""
        return self.codebook.nearest(coordinates)[..., None]

    def from_codes(self, codes: Tensor) -> Tensor:
        """Vectors [..., d] of indices [..., 1]."""
        return self.codebook.at(codes[..., 0])
