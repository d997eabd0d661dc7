"""How well clips fit words, by the generator itself: how much better their tokens are predicted with the prompt than without.

Diffusion as a zero-shot classifier (Li et al., ICCV 2023, arXiv 2303.16203): the same noise at the same levels for every
clip and prompt, so that differences come from the words alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from backend.diffusion.flow import interpolate
from backend.generate import Pipeline
from backend.generators.sampler import Sampler, each_dim, without_noise
from backend.generators.sampling import OnStep
from backend.generators.windows import MAX_TOKENS
from backend.text import States
from backend.tokenizers.coder import Array
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


def tokens_of(pipeline: Pipeline, clip: Motion) -> Array:
    """Latents [token, d] of the middle of a clip, at most a training window."""
    found = encoded(pipeline, clip if clip.fps == FPS else clip.resampled(FPS))
    spare = max(0, len(found) - MAX_TOKENS)
    return found[spare // 2 : spare // 2 + MAX_TOKENS]


def scores(pipeline: Pipeline, tokens: Array, text: States, seed: int = 0) -> Array:
    """[prompt] scores of one clip's latents [token, d] for each of some prompts, given as text states and mask."""
    model = pipeline.networks.generator
    if not isinstance(model, Sampler):
        raise InputError("checkpoint", pipeline.networks.config["name"], "an IsoDiM, which can judge what it samples")
    noise = pipeline.noise(seed, 1, len(tokens))
    levels = (0.0,) if model.denoiser.output == "categorical" else LEVELS
    states, mask = (np.concatenate([part, part[:1]]) for part in text)
    empty = np.arange(len(states)) == len(states) - 1  # the last row: no words
    rows = np.repeat(tokens[None], len(states), axis=0)
    visible = np.zeros(rows.shape[:2], np.bool_)
    context = model.denoiser.context((states, mask), empty, model.standardize(rows), visible, 1)
    found = np.stack([_loss(model, rows, noise, level, context) for level in levels]).mean(0)
    return found[-1] - found[:-1]


def _loss(model: Sampler, rows: Array, noise: Array, level: float, context: Any) -> Array:
    """[row]: how badly the data are predicted at one noise level: cross-entropy of the level indices, or squared error, a token."""
    denoiser, data = model.denoiser, model.standardize(rows)
    noisy, time = interpolate(data, noise, level), np.full(len(rows), level, np.float32)
    if denoiser.output == "categorical":
        noisy, time = without_noise(data, np.zeros((*rows.shape[:2], 1), np.bool_))
    if denoiser.output == "x":
        return np.square(denoiser.predict(noisy, time, context) - data).sum(-1).mean(-1)
    indices = model.bottleneck.to_indices(rows)
    parts = each_dim(denoiser.logits(noisy, time, context), model.bottleneck.levels)
    found = [_entropy(part, indices[..., dim]) for dim, part in enumerate(parts)]
    return np.stack(found).sum(0).mean(-1)


def _entropy(logits: Array, indices: np.ndarray) -> Array:
    """Cross-entropy [row, token] of level indices [row, token] under logits [row, token, L]."""
    top = logits.max(-1, keepdims=True)
    total = np.log(np.exp(logits - top).sum(-1)) + top[..., 0]
    found: Array = total - np.take_along_axis(logits, indices[..., None], axis=-1)[..., 0]
    return found
