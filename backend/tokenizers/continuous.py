"""No bottleneck but the width: the plain autoencoder of MARDM (Meng et al., 2024). Its indices are its latents."""

from __future__ import annotations

from torch import Tensor, nn

from .bottleneck import Quantized


class Continuous(nn.Module):
    """Encoder outputs of `dims` numbers a token, taken as they are."""

    levels: tuple[int, ...] = ()

    def __init__(self, dims: int) -> None:
        super().__init__()
        self.dims = dims

    def quantize(self, encoded: Tensor) -> Quantized:
        """The encoder outputs [..., d] themselves, in float32."""
        encoded = encoded.float()
        return Quantized(encoded, encoded.detach(), encoded.new_zeros(()))

    def forward(self, encoded: Tensor) -> Tensor:
        """The encoder outputs [..., d] themselves, in float32."""
        return encoded.float()

    def snap(self, latents: Tensor) -> Tensor:
        """Any latents [..., d] are possible."""
        return latents

    def to_indices(self, latents: Tensor) -> Tensor:
        """Indices [..., d] are the latents [..., d]."""
        return latents

    def from_indices(self, indices: Tensor) -> Tensor:
        """Latents [..., d] of indices [..., d], which may have been stored in half precision."""
        return indices.float()
