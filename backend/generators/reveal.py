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


def ranks(noise: Tensor, known: Tensor) -> Tensor:
    """Random order [batch, token] in which unknown tokens are revealed, 0 first; known tokens come after all others.

    noise [batch, token, d] fixes the order, a row's noise that of its row; known [batch, token].
    """
    chance = torch.stack([torch.rand(len(row), generator=seeded(row, "order")) for row in noise]).to(noise.device)
    return chance.masked_fill(known, torch.inf).argsort(dim=1).argsort(dim=1)


def revealed(known: Tensor, order: Tensor, done: int, rounds: int) -> Tensor:
    """Tokens [batch, token] shown after `done` of `rounds` rounds: 1 - cos(pi done / 2 rounds) of the unknown ones, rounded up.

    MaskGIT's schedule (Chang et al., CVPR 2022, section 3.3); every round reveals a token while one is left.
    """
    unknown = (~known).sum(1, keepdim=True)
    return known | (order < (unknown * (1.0 - math.cos(math.pi / 2 * done / rounds))).ceil())


def masked_before(known: Tensor, order: Tensor, done: int, rounds: int) -> Tensor:
    """Tokens [batch, token] that MARDM's release hides after `done` of `rounds` rounds: the same curve, stretched.

    max(1, round(n cos(pi done / 2(rounds - 1)))) of a row's n unknown tokens are masked, none after the last round. So
    the last round has one token, and the first of many may reveal nothing.
    """
    if done == rounds:
        return torch.zeros_like(known)
    unknown = (~known).sum(1, keepdim=True)
    left = (unknown * math.cos(math.pi / 2 * done / max(1, rounds - 1))).round().clamp(min=1)
    return ~known & (order >= unknown - left)
