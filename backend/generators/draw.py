"""Draw whole clips of any length: windows of the length the generator was trained on, each beginning with known tokens."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from .fill import fill
from .isodim import IsoDiM
from .length import MAX_TOKENS

OVERLAP_TOKENS = 16


def draw(
    model: IsoDiM,
    prompt: tuple[Tensor, Tensor],
    noise: Tensor,
    *,
    steps: int,
    guidance: float,
    on_step: Callable[[int, int], None],
) -> Tensor:
    """Grid coordinates [batch, token, d] for one prompt (word states [1, word, width] and mask) and noise of that shape.

    A clip longer than the training window grows window by window: the tail of what is there stands as known tokens at
    the head of the next window. `on_step(step, total)` counts through all windows and may raise.
    """
    batch, tokens, dims = noise.shape
    stride = MAX_TOKENS - OVERLAP_TOKENS
    windows = 1 + math.ceil(max(0, tokens - MAX_TOKENS) / stride)
    words, mask = (part.expand(batch, *part.shape[1:]) for part in prompt)
    done = noise.new_zeros(batch, 0, dims)
    for window in range(windows):
        begin = window * stride
        end = min(begin + MAX_TOKENS, tokens)
        given = done[:, begin:]
        known = torch.arange(end - begin, device=noise.device).expand(batch, -1) < given.shape[1]
        start = torch.cat([given, noise.new_zeros(batch, end - begin - given.shape[1], dims)], dim=1)
        drawn = fill(
            model,
            (words, mask),
            start,
            known,
            noise[:, begin:end],
            steps=steps,
            guidance=guidance,
            on_step=_shifted(on_step, window, windows),
        )
        done = torch.cat([done[:, :begin], drawn], dim=1)
    return done


def _shifted(on_step: Callable[[int, int], None], window: int, windows: int) -> Callable[[int, int], None]:
    return lambda step, total: on_step(window * total + step, windows * total)
