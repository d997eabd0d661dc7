"""MARDM's loss on masked tokens (Meng et al., 2024): flow matching, or epsilon-prediction on the discrete chain."""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from backend.diffusion import ddpm, path
from backend.generators.mardm import MARDM
from training.data.tokens import Batch
from training.engine.isodim_settings import IsoDiMSettings

NOISED, MASKED = 0.1, 0.88
"""Of the masked tokens these become noise, and of the rest these the mask; what is left stays and is predicted all the same."""
REPEATS = 4
"""Draws of time and noise for one pass of the transformer (MAR, Li et al., NeurIPS 2024, section 3.2)."""


def known_tokens(mask: Tensor, rng: np.random.Generator) -> Tensor:
    """Known tokens [batch, token] for real tokens `mask`: a row of n hides max(1, round(n cos(pi u / 2))), u even in 0..1."""
    known = torch.zeros_like(mask)
    for row, count in enumerate(mask.sum(1).tolist()):
        hidden = max(1, round(count * math.cos(math.pi / 2 * rng.random())))
        known[row, torch.from_numpy(rng.permutation(count)[hidden:])] = True
    return known


def losses(model: MARDM, batch: Batch, known: Tensor, null: Tensor, settings: IsoDiMSettings) -> dict[str, Tensor]:
    """`loss` of one batch; `known` [batch, token] tokens are shown clean, `null` [batch] rows see no prompt."""
    data = model.standardize(model.bottleneck.from_codes(batch.codes))
    wanted = batch.mask & ~known
    shown, seen = corrupted(model, data, wanted)
    pooled = model.pooled(batch.words, batch.word_mask, null)
    context = model.context(shown, seen, batch.mask, pooled)[wanted].repeat(REPEATS, 1)
    target = data[wanted].repeat(REPEATS, 1)
    noise = torch.randn_like(target)
    if model.config.process == "sit":
        time = torch.rand(len(target), device=target.device)
        noisy = path.interpolate(target, noise, time[:, None])
        error = F.mse_loss(model.head(noisy, time, context), target - noise)
    else:
        number = torch.randint(ddpm.STEPS, (len(target),), device=target.device)
        noisy = ddpm.noised(target, noise, ddpm.cosine_alpha_bar().to(target)[number][:, None])
        error = F.mse_loss(model.head(noisy, number / ddpm.STEPS, context), noise)
    return {"loss": error}


def corrupted(model: MARDM, data: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    """What the transformer is shown: standardised data, and which tokens of it are not the mask (as in BERT).

    A tenth of the `wanted` tokens are replaced by noise, which is a random code where the bottleneck has codes.
    """
    chance = torch.rand(wanted.shape, device=data.device)
    noised = wanted & (chance < NOISED)
    hidden = wanted & (chance >= NOISED) & (chance < NOISED + (1 - NOISED) * MASKED)
    return torch.where(noised[..., None], _noise(model, data), data), ~hidden


def _noise(model: MARDM, data: Tensor) -> Tensor:
    levels = model.bottleneck.levels
    if not levels:
        return torch.randn_like(data)
    codes = [torch.randint(count, data.shape[:-1], device=data.device) for count in levels]
    return model.standardize(model.bottleneck.from_codes(torch.stack(codes, dim=-1)))
