"""What a tokenizer needs of its bottleneck; FSQ, VQ, residual VQ and none at all are of this shape.

*Latents* [..., d] are what the decoder reads and a generator predicts: grid values, codebook vectors or the encoder's own
outputs. *Indices* [..., c] say the same in the least space: level indices, codebook indices, or the latents themselves.
"""

from __future__ import annotations

import dataclasses
from typing import Protocol

from torch import Tensor


@dataclasses.dataclass(frozen=True)
class Quantized:
    """What a bottleneck makes of encoder outputs [..., d].

    latents [..., d] with a gradient to the encoder; indices [..., c]; commitment: what training weighs, the mean squared distance
    of the encoder outputs to the codebook's vectors, or the divergence of `kl.py`, and zero where there is neither.
    """

    latents: Tensor
    indices: Tensor
    commitment: Tensor


class Bottleneck(Protocol):
    """Between encoder and decoder."""

    @property
    def dims(self) -> int:
        """Numbers a token has for the decoder."""
        ...

    @property
    def levels(self) -> tuple[int, ...]:
        """How many values each index can take; empty where the indices are the latents themselves."""
        ...

    def quantize(self, encoded: Tensor) -> Quantized:
        """Latents, indices and commitment of encoder outputs [..., d]; in training mode a codebook learns from them."""
        ...

    def __call__(self, encoded: Tensor) -> Tensor:
        """The latents [..., d] of `quantize`."""
        ...

    def snap(self, latents: Tensor) -> Tensor:
        """The nearest latents [..., d] that the bottleneck can give; any latents where it has no codes."""
        ...

    def to_indices(self, latents: Tensor) -> Tensor:
        """Indices [..., c] of latents [..., d]."""
        ...

    def from_indices(self, indices: Tensor) -> Tensor:
        """Latents [..., d] of indices [..., c] of any number type."""
        ...
