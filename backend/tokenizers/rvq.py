"""Residual vector quantization (Zeghidour et al., 2021, algorithm 1): each depth quantizes what the depths before left over.

As in MoMask (Guo et al., CVPR 2024) and T2M-HiFiGPT all depths share one codebook, and in training some batches stop at a
random depth (*quantizer dropout*), so that the first depths alone already give a motion.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .bottleneck import Quantized
from .codebook import Codebook


class RVQ(nn.Module):
    """`depth` numbers a token, all indices into one codebook of `size` vectors.

    dropout: chance that a training batch stops at a random depth. Published: 512 vectors of 512 numbers, depth 6,
    dropout .2.

    A sum of vectors can often be written in several ways: `to_indices(from_indices(indices))` gives one that lies near, found
    depth by depth, and not always `indices`.
    """

    def __init__(self, dims: int = 512, size: int = 512, depth: int = 6, dropout: float = 0.2) -> None:
        super().__init__()
        self.dims = dims
        self.levels = (size,) * depth
        self.dropout = dropout
        self.codebook = Codebook(size, dims)

    def quantize(self, encoded: Tensor) -> Quantized:
        """Sums of vectors [..., d] for encoder outputs [..., d], and their indices [..., depth]; in training mode there may
        be fewer depths, and the codebook learns afterwards."""
        encoded = encoded.float()
        if self.training:
            self.codebook.begin(encoded.detach().flatten(0, -2))
        indices, rests = self._descend(encoded.detach(), self._depths())
        vectors = self.codebook.at(indices)
        if self.training:
            self.codebook.learn(rests.flatten(0, -2), indices.flatten())
        sums = vectors.cumsum(dim=-2)
        commitment = F.mse_loss(encoded[..., None, :].expand_as(sums), sums)
        return Quantized(encoded + (vectors.sum(dim=-2) - encoded).detach(), indices, commitment)

    def forward(self, encoded: Tensor) -> Tensor:
        """The latents [..., d] of `quantize`."""
        return self.quantize(encoded).latents

    def snap(self, latents: Tensor) -> Tensor:
        """A sum of vectors [..., d] near any latents [..., d], found depth by depth."""
        return self.from_indices(self.to_indices(latents))

    def to_indices(self, latents: Tensor) -> Tensor:
        """Indices [..., depth] of the vectors that add up to nearly the latents [..., d]."""
        return self._descend(latents.float(), len(self.levels))[0]

    def from_indices(self, indices: Tensor) -> Tensor:
        """Sums [..., d] of the vectors with indices [..., depth], or the first few depths of them."""
        return self.codebook.at(indices).sum(dim=-2)

    def _depths(self) -> int:
        depth = len(self.levels)
        if self.training and float(torch.rand(())) < self.dropout:
            return int(torch.randint(1, depth + 1, ()))
        return depth

    def _descend(self, encoded: Tensor, depths: int) -> tuple[Tensor, Tensor]:
        """Indices [..., depth], and what each depth had to quantize [..., depth, d]."""
        indices, rests = [], []
        for _ in range(depths):
            rests.append(encoded)
            indices.append(self.codebook.nearest(encoded))
            encoded = encoded - self.codebook.at(indices[-1])
        return torch.stack(indices, dim=-1), torch.stack(rests, dim=-2)
