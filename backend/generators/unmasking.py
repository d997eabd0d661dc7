"""The unmask schedule: in which round a masked token is sampled, along a cosine over one random order a clip."""

from __future__ import annotations

import math
import zlib

import torch
from torch import Tensor


def seeded(noise: Tensor, use: str) -> torch.Generator:
    """A generator on the CPU that follows from one row of noise [token, d], another one for each `use`.

    The noise itself is spent on the samples: an order sorted by it would bias what the first rounds sample.
    """
    return torch.Generator().manual_seed(zlib.crc32(noise.cpu().numpy().tobytes(), zlib.crc32(use.encode())))


def unmask_order(noise: Tensor, keep: Tensor) -> Tensor:
    """Random order [batch, token] in which masked tokens are sampled, 0 first; tokens to keep come after all others.

    noise [batch, token, d] fixes the order, a row's noise that of its row; keep [batch, token].
    """
    chance = torch.stack([torch.rand(len(row), generator=seeded(row, "order")) for row in noise]).to(noise.device)
    return chance.masked_fill(keep, torch.inf).argsort(dim=1).argsort(dim=1)


def visible_after(keep: Tensor, order: Tensor, done: int, rounds: int) -> Tensor:
    """Tokens [batch, token] visible after `done` of `rounds` rounds: 1 - cos(pi done / 2 rounds) of the masked ones, rounded up.

    MaskGIT's schedule (Chang et al., CVPR 2022, section 3.3); every round unmasks a token while one is left.
    """
    masked = (~keep).sum(1, keepdim=True)
    return keep | (order < (masked * (1.0 - math.cos(math.pi / 2 * done / rounds))).ceil())


def masked_after(keep: Tensor, order: Tensor, done: int, rounds: int) -> Tensor:
    """Tokens [batch, token] that MARDM's release still masks after `done` of `rounds` rounds: the same curve, stretched.

    max(1, round(n cos(pi done / 2(rounds - 1)))) of a row's n masked tokens, none after the last round. So the last
    round has one token, and the first of many may unmask nothing.
    """
    if done == rounds:
        return torch.zeros_like(keep)
    masked = (~keep).sum(1, keepdim=True)
    left = (masked * math.cos(math.pi / 2 * done / max(1, rounds - 1))).round().clamp(min=1)
    return ~keep & (order >= masked - left)
