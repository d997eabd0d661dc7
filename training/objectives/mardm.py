"""MARDM's loss on masked tokens (Meng et al., 2024): flow matching, or epsilon-prediction on the discrete chain."""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from backend.diffusion import ddpm, flow
from backend.generators.mardm import MARDM
from training.data.tokens import Batch
from training.engine.isodim_settings import IsoDiMSettings

NOISED, MASKED = 0.1, 0.88
"""Of the masked tokens these become noise, and of the rest these the mask; what is left stays and is predicted all the same."""
REPEATS = 4
"""Samples of time and noise for one pass of the transformer (MAR, Li et al., NeurIPS 2024, section 3.2)."""


def visible_tokens(mask: Tensor, rng: np.random.Generator) -> Tensor:
    """Visible tokens [batch, token] for real tokens `mask`: a row of n masks max(1, round(n cos(pi u / 2))), u even in 0..1."""
    visible = torch.zeros_like(mask)
    for row, count in enumerate(mask.sum(1).tolist()):
        hidden = max(1, round(count * math.cos(math.pi / 2 * rng.random())))
        visible[row, torch.from_numpy(rng.permutation(count)[hidden:])] = True
    return visible


def losses(model: MARDM, batch: Batch, visible: Tensor, null: Tensor, settings: IsoDiMSettings) -> dict[str, Tensor]:
    """`loss` of one batch; `visible` [batch, token] tokens are clean, `null` [batch] rows see no prompt."""
    data = model.standardize(model.bottleneck.from_indices(batch.indices))
    loss_mask = batch.mask & ~visible
    read, not_masked = corrupted(model, data, loss_mask)
    pooled = model.pooled(batch.text, batch.text_mask, null)
    context = model.context(read, not_masked, batch.mask, pooled)[loss_mask].repeat(REPEATS, 1)
    target = data[loss_mask].repeat(REPEATS, 1)
    noise = torch.randn_like(target)
    if model.config.process == "sit":
        time = torch.rand(len(target), device=target.device)
        noisy = flow.interpolate(target, noise, time[:, None])
        error = F.mse_loss(model.head(noisy, time, context), target - noise)
    else:
        number = torch.randint(model.chain, (len(target),), device=target.device)
        noisy = ddpm.noised(target, noise, ddpm.cosine_alpha_bar(model.chain).to(target)[number][:, None])
        error = F.mse_loss(model.head(noisy, model.time_of(number), context), noise)
    return {"loss": error}


def corrupted(model: MARDM, data: Tensor, loss_mask: Tensor) -> tuple[Tensor, Tensor]:
    """What the transformer reads: standardised data, and which tokens of it are not the mask (as in BERT).

    A tenth of the `loss_mask` tokens are replaced by noise, which is a random code where the bottleneck has codes.
    """
    chance = torch.rand(loss_mask.shape, device=data.device)
    noised = loss_mask & (chance < NOISED)
    hidden = loss_mask & (chance >= NOISED) & (chance < NOISED + (1 - NOISED) * MASKED)
    return torch.where(noised[..., None], _noise(model, data), data), ~hidden


def _noise(model: MARDM, data: Tensor) -> Tensor:
    levels = model.bottleneck.levels
    if not levels:
        return torch.randn_like(data)
    indices = [torch.randint(count, data.shape[:-1], device=data.device) for count in levels]
    return model.standardize(model.bottleneck.from_indices(torch.stack(indices, dim=-1)))
