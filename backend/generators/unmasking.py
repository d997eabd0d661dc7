"""The unmask schedule: in which round a masked token is sampled, along a cosine over one random order a clip."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from backend.tokenizers.coder import Array

from .noise import seed_of, uniform

Flags = NDArray[np.bool_]


def unmask_order(noise: Array, keep: Flags) -> NDArray[np.int64]:
    """Random order [batch, token] in which masked tokens are sampled, 0 first; tokens to keep come after all others.

    noise [batch, token, d] fixes the order, a row's noise that of its row; keep [batch, token].
    """
    chance = np.stack([uniform(seed_of(row, "order"), len(row)) for row in noise])
    order = np.argsort(np.where(keep, np.inf, chance), axis=1, kind="stable")
    return np.argsort(order, axis=1, kind="stable")


def visible_after(keep: Flags, order: NDArray[np.int64], done: int, rounds: int) -> Flags:
    """Tokens [batch, token] visible after `done` of `rounds` rounds: 1 - cos(pi done / 2 rounds) of the masked ones, rounded up.

    MaskGIT's schedule (Chang et al., CVPR 2022, section 3.3); every round unmasks a token while one is left.
    """
    masked = (~keep).sum(1, keepdims=True)
    return keep | (order < np.ceil((masked * (1.0 - math.cos(math.pi / 2 * done / rounds))).astype(np.float32)))


def masked_after(keep: Flags, order: NDArray[np.int64], done: int, rounds: int) -> Flags:
    """Tokens [batch, token] that MARDM's release still masks after `done` of `rounds` rounds: the same curve, stretched.

    max(1, round(n cos(pi done / 2(rounds - 1)))) of a row's n masked tokens, none after the last round. So the last
    round has one token, and the first of many may unmask nothing.
    """
    if done == rounds:
        return np.zeros_like(keep)
    masked = (~keep).sum(1, keepdims=True)
    left = np.maximum(np.round((masked * math.cos(math.pi / 2 * done / max(1, rounds - 1))).astype(np.float32)), 1)
    return ~keep & (order >= masked - left)
