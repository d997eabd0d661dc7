"""Draw whole clips of any length: windows of the length the generator was trained on, each beginning with known tokens."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .length import MAX_TOKENS
from .sampling import Sampling
from .token_generator import OnStep, Prompt, TokenGenerator

OVERLAP_TOKENS = 16


def draw(model: TokenGenerator, prompt: Prompt, noise: Tensor, sampling: Sampling, on_step: OnStep) -> Tensor:
    """Coordinates [batch, token, d] for noise of that shape and one prompt for all clips, or one for each.

    prompt: word states [1 or batch, word, width] and their mask. A clip longer than the training window grows window by
    window: the tail of what is there stands as known tokens at the head of the next window. `on_step(step, total)` counts
    through all windows and may raise.
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
        counted = _shifted(on_step, window, windows)
        drawn = model.fill((words, mask), start, known, noise[:, begin:end], sampling, counted)
        done = torch.cat([done[:, :begin], drawn], dim=1)
    return done


def _shifted(on_step: OnStep, window: int, windows: int) -> OnStep:
    return lambda step, total: on_step(window * total + step, windows * total)
