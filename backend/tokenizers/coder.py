"""What the pipeline needs of a tokenizer, numpy in and out: features to latents and back, and the codes between them."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

FRAMES_PER_TOKEN = 4

Array = NDArray[np.float32]


class Codes(Protocol):
    """Latents [..., d] that a tokenizer can give, and their indices [..., c]; see `bottleneck.py`."""

    @property
    def dims(self) -> int:
        """Numbers a token has for the decoder."""
        ...

    @property
    def levels(self) -> tuple[int, ...]:
        """How many values each index can take; empty where the indices are the latents themselves."""
        ...

    def snap(self, latents: Array) -> Array:
        """The nearest latents [..., d] that the tokenizer can give; any latents where it has no codes."""
        ...

    def to_indices(self, latents: Array) -> NDArray[Any]:
        """Indices [..., c] of latents [..., d]."""
        ...

    def from_indices(self, indices: NDArray[Any]) -> Array:
        """Latents [..., d] of indices [..., c]."""
        ...


class Coder(Protocol):
    """A tokenizer's encoder and decoder, its normalisation inside."""

    @property
    def bottleneck(self) -> Codes:
        """What lies between them."""
        ...

    @property
    def smoothing(self) -> float:
        """Weight of the neighbouring frames with which its clips are smoothed (`backend.motion.jitter`)."""
        ...

    def encode(self, features: Array) -> Array:
        """Latents [batch, frame // 4, d] of features [batch, frame, 67] in metres and radians; frame is a multiple of 4."""
        ...

    def decode(self, latents: Array) -> Array:
        """Features [batch, 4 * token, 67] in metres and radians of latents [batch, token, d]."""
        ...
