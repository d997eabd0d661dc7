"""Noise that follows from a seed, the same whichever engine computes: torch's own CPU stream, without torch.

A Mersenne Twister's words become uniform numbers of 24 bits, and these, in blocks of sixteen, normal ones (Box & Muller, 1958).
"""

from __future__ import annotations

import math
import zlib

import numpy as np
from numpy.typing import NDArray

from backend.tokenizers.coder import Array

_BLOCK = 16
"""Numbers that are made together: the first half are radii, the second half angles."""


def uniform(seed: int, count: int) -> Array:
    """Uniform numbers [count] in 0..1, as `torch.rand` gives them after `manual_seed(seed)`."""
    # RandomState, because numpy promises never to change its stream
    words = np.frombuffer(np.random.RandomState(seed).bytes(4 * count), "<u4")
    return ((words & 0xFFFFFF) * np.float64(2.0**-24)).astype(np.float32)


def normal(seed: int, tokens: int, dims: int) -> Array:
    """Standard normal numbers [token, d]; more tokens begin with those of fewer."""
    rows = math.ceil(tokens / _BLOCK) * _BLOCK  # whole blocks, so that a longer clip's noise begins as a shorter one's
    halves = uniform(seed, rows * dims).reshape(-1, 2, _BLOCK // 2)
    radius = np.sqrt(np.float32(-2.0) * np.log(np.float32(1.0) - halves[:, 0]))
    angle = np.float32(2.0 * math.pi) * halves[:, 1]
    both = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return both.reshape(rows, dims)[:tokens].astype(np.float32)


def seed_of(noise: NDArray[np.float32], use: str) -> int:
    """A seed that follows from one row of noise [token, d], another one for each `use`.

    The noise itself is spent on the samples: an order sorted by it would bias what the first rounds sample.
    """
    return zlib.crc32(np.ascontiguousarray(noise).tobytes(), zlib.crc32(use.encode()))
