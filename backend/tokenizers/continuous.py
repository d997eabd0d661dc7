"""No bottleneck but the width: the plain autoencoder of MARDM (Meng et al., 2024). Its codes are its coordinates."""

from __future__ import annotations

from torch import Tensor, nn

from .bottleneck import Quantized


class Continuous(nn.Module):
    """A latent of `dims` numbers a token, taken as it is."""

    levels: tuple[int, ...] = ()

    def __init__(self, dims: int) -> None:
        super().__init__()
        self.dims = dims

    def quantize(self, latent: Tensor) -> Quantized:
        """The latent [..., d] itself, in float32."""
        latent = latent.float()
        return Quantized(latent, latent.detach(), latent.new_zeros(()))

    def forward(self, latent: Tensor) -> Tensor:
        """The latent [..., d] itself, in float32."""
        return latent.float()

    def snap(self, coordinates: Tensor) -> Tensor:
        """Any coordinates [..., d] are possible."""
        return coordinates

    def to_codes(self, coordinates: Tensor) -> Tensor:
        """Codes [..., d] are the coordinates [..., d]."""
        return coordinates

    def from_codes(self, codes: Tensor) -> Tensor:
        """Coordinates [..., d] of codes [..., d], which may have been stored in half precision."""
        return codes.float()
