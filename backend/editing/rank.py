"""How well clips fit words, by the generator itself: how much better their tokens are predicted with the prompt than without.

Diffusion as a zero-shot classifier (Li et al., ICCV 2023, arXiv 2303.16203): the same noise at the same levels for every
clip and prompt, so that differences come from the words alone.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from backend.diffusion.flow import interpolate
from backend.generate import Pipeline
from backend.generators.isodim import Context, IsoDiM
from backend.generators.length import MAX_TOKENS
from backend.generators.token_generator import OnStep
from backend.text import TextStates
from common import FPS
from common.errors import InputError
from common.motion.motion import Motion
from common.wire.requests import Rank

from .inpaint import encoded

LEVELS = (0.05, 0.2, 0.4, 0.6)
"""Diffusion times: nearly noise, where the words decide most, to where the motion shows through."""


def rank(pipeline: Pipeline, request: Rank, _on_step: OnStep) -> tuple[float, ...]:
    """Each clip's score for a prompt, higher is better: nats a token by which the words help to predict it (0: not at all).

    Clips longer than the training window are read in their middle. The seed is of the noise, the same for all. Scores of
    different prompts or checkpoints do not compare.
    """
    text = pipeline.text_states(request.prompt)
    return tuple(float(scores(pipeline, tokens_of(pipeline, one), text, request.seed)[0]) for one in request.clips)


def tokens_of(pipeline: Pipeline, clip: Motion) -> Tensor:
    """Latents [token, d] of the middle of a clip, at most a training window."""
    found = encoded(pipeline, clip if clip.fps == FPS else clip.resampled(FPS))
    spare = max(0, len(found) - MAX_TOKENS)
    return found[spare // 2 : spare // 2 + MAX_TOKENS]


@torch.inference_mode()
def scores(pipeline: Pipeline, tokens: Tensor, text: TextStates, seed: int = 0) -> Tensor:
    """[prompt] scores of one clip's latents [token, d] for each of some prompts, given as text states and mask."""
    model = pipeline.networks.generator
    if not isinstance(model, IsoDiM):
        raise InputError("checkpoint", pipeline.networks.config["name"], "an IsoDiM, which can judge what it samples")
    noise = pipeline.noise(seed, 1, len(tokens))
    levels = (0.0,) if model.categorical else LEVELS
    states, mask = text
    empty = torch.arange(len(states) + 1, device=states.device) == len(states)  # the last row: no words
    both = model.text_states(torch.cat([states, states[:1]]), torch.cat([mask, mask[:1]]), empty)
    rows = tokens.expand(len(empty), -1, -1)
    visible = torch.zeros(rows.shape[:2], dtype=torch.bool, device=tokens.device)
    context = model.context(model.standardize(rows), visible, ~visible, *both)
    found = torch.stack([_loss(model, rows, noise, level, context) for level in levels]).mean(0)
    return found[-1] - found[:-1]


def _loss(model: IsoDiM, rows: Tensor, noise: Tensor, level: float, context: Context) -> Tensor:
    """[row]: how badly the data are predicted at one noise level: cross-entropy of the level indices, or squared error, a token."""
    time = torch.full((len(rows),), level, device=rows.device)
    noisy = interpolate(model.standardize(rows), noise, time[:, None, None])
    if model.categorical:
        noisy, time = torch.zeros_like(noisy), torch.zeros_like(time)
    output = model.denoise(noisy, time, context)
    if not model.levels:
        return (model.expected(output) - model.standardize(rows)).square().sum(-1).mean(-1)
    indices = model.bottleneck.to_indices(rows)
    parts = [
        F.cross_entropy(part.transpose(1, 2), indices[..., dim], reduction="none")
        for dim, part in enumerate(model.logits(output))
    ]
    return torch.stack(parts).sum(0).mean(-1)
