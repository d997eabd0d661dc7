"""What a tokenizer needs of its bottleneck; FSQ, VQ, residual VQ and none at all are of this shape.

*Coordinates* [..., d] are what the decoder reads and a generator predicts: grid values, codebook vectors or the plain
latent. *Codes* [..., c] say the same in the least space: integer levels, indices, or the coordinates themselves.
"""

from __future__ import annotations

import dataclasses
from typing import Protocol

from torch import Tensor


@dataclasses.dataclass(frozen=True)
class Quantized:
    """What a bottleneck makes of encoder outputs [..., d].

    coordinates [..., d] with a gradient to the encoder; codes [..., c]; commitment: mean squared distance of the encoder
    outputs to the codebook's vectors, for training to weigh, and zero where there is no codebook.
    """

    coordinates: Tensor
    codes: Tensor
    commitment: Tensor


class Bottleneck(Protocol):
    """Between encoder and decoder."""

    @property
    def dims(self) -> int:
        """Numbers a token has for the decoder."""
        ...

    @property
    def levels(self) -> tuple[int, ...]:
        """How many values each number of a code can take; empty where codes are coordinates."""
        ...

    def quantize(self, latent: Tensor) -> Quantized:
        """Coordinates, codes and commitment of encoder outputs [..., d]; in training mode a codebook learns from them."""
        ...

    def __call__(self, latent: Tensor) -> Tensor:
        """The coordinates [..., d] of `quantize`."""
        ...

    def snap(self, coordinates: Tensor) -> Tensor:
        """The nearest coordinates [..., d] that the bottleneck can give; any coordinates where it has no codes."""
        ...

    def to_codes(self, coordinates: Tensor) -> Tensor:
        """Codes [..., c] of coordinates [..., d]."""
        ...

    def from_codes(self, codes: Tensor) -> Tensor:
        """Coordinates [..., d] of codes [..., c] of any number type."""
        ...
