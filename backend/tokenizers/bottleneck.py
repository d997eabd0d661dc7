"""What a tokenizer needs of its bottleneck; FSQ, VQ, residual VQ and none at all are of this shape.

*Coordinates* [..., d] are what the decoder reads and a generator predicts: grid values, codebook vectors or the plain
latent. *Codes* [..., c] say the same in the least space: integer levels, indices, or the coordinates themselves.
"""

from __future__ import annotations

from typing import Protocol

from torch import Tensor


class Bottleneck(Protocol):
    """Between encoder and decoder."""

    @property
    def dims(self) -> int:
        """Numbers a token has for the decoder."""
        ...

    def __call__(self, latent: Tensor) -> Tensor:
        """Coordinates [..., d] of encoder outputs [..., d], with a gradient."""
        ...

    def snap(self, coordinates: Tensor) -> Tensor:
        """The nearest coordinates [..., d] that the bottleneck can give; any coordinates where it has no codes."""
        ...

    def to_codes(self, coordinates: Tensor) -> Tensor:
        """Codes [..., c] of coordinates [..., d]."""
        ...

    def from_codes(self, codes: Tensor) -> Tensor:
        """Coordinates [..., d] of codes [..., c]."""
        ...
