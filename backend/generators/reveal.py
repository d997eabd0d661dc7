"""In which round a masked token is revealed: MAR's cosine schedule over one random order a clip."""

from __future__ import annotations

import math
import zlib

import torch
from torch import Tensor


def seeded(noise: Tensor, use: str) -> torch.Generator:
    """A generator on the CPU that follows from one row of noise [token, d], another one for each `use`.

    The noise itself is spent on the samples: an order sorted by it would bias what the first rounds draw.
    """
    return torch.Generator().manual_seed(zlib.crc32(noise.cpu().numpy().tobytes(), zlib.crc32(use.encode())))


def rounds(known: Tensor, noise: Tensor, mar_steps: int) -> list[Tensor]:
    """Masked tokens [batch, token] before each of `mar_steps` rounds, and after the last, where none is left.

    Before round i of K, max(1, round(n cos(pi i / 2(K - 1)))) of a row's n unknown tokens are masked (MaskGIT's schedule,
    Chang et al., CVPR 2022, section 3.3, as MARDM samples it), so the first round of many may reveal nothing. known:
    [batch, token]; noise [batch, token, d] fixes the order of each row.
    """
    unknown = (~known).sum(1, keepdim=True)
    chance = torch.stack([torch.rand(len(row), generator=seeded(row, "order")) for row in noise]).to(noise.device)
    rank = chance.masked_fill(known, torch.inf).argsort(dim=1).argsort(dim=1)
    found = []
    for index in range(mar_steps):
        share = math.cos(math.pi / 2 * index / max(1, mar_steps - 1))
        count = torch.minimum((unknown * share).round().clamp(min=1), unknown)
        found.append((rank < count) & ~known)
    return [*found, torch.zeros_like(known)]
