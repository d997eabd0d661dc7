"""Draw tokens from MARDM: rounds of the masked transformer outside, the head's diffusion steps inside.

Given the transformer's state the head draws each token by itself. So it is enough to draw those that this round reveals
(`Sampling.reveal_only`); the release draws all masked tokens in every round and keeps a few, at eleven times the cost
and with the same distribution.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from backend.diffusion import ddpm, sampler

from .reveal import masked_before, ranks, seeded
from .sampling import Sampling
from .token_generator import OnStep, Prompt, counted

if TYPE_CHECKING:
    from .mardm import MARDM

_REACH = 6.0
"""Largest predicted datum, in standard deviations: the chain's first step divides by sqrt(alpha_bar) = 5e-5."""


def fill(
    model: MARDM,
    prompt: Prompt,
    coordinates: Tensor,
    known: Tensor,
    noise: Tensor,
    sampling: Sampling,
    on_step: OnStep,
) -> Tensor:
    """Coordinates [batch, token, d] whose `known` tokens [batch, token] are those given, the rest sampled.

    prompt: word states [batch, word, text width] and mask. noise: standard normal [batch, token, d]; the order of
    revealing and the noise between DDPM's steps follow from it, a row from its own. `on_step(step, total)` comes before
    each step of the head and may raise; rounds that reveal nothing are jumped over. `solver` is of no use to DDPM, and
    `snap="end"` is the end of each round, because later rounds read codes.
    """
    total = sampling.mar_steps * sampling.steps
    between = _step_noise(noise, sampling.steps) if model.config.process == "ddpm" else None
    current = coordinates.clone()
    order = ranks(noise, known)
    rounds = [masked_before(known, order, done, sampling.mar_steps) for done in range(sampling.mar_steps + 1)]
    for index, (masked, after) in enumerate(pairwise(rounds)):
        now = masked & ~after if sampling.reveal_only else masked
        if not now.any():
            continue
        context = _contexts(model, prompt, model.standardize(current), ~masked)[:, now]
        count = counted(on_step, index * sampling.steps, total)
        noise_between = None if between is None else between[:, now]
        data = _tokens(model, context, noise[now], noise_between, sampling, count)
        drawn = model.coordinates(data)
        current[now] = drawn if sampling.snap == "never" else model.bottleneck.snap(drawn)
    return current


def _step_noise(noise: Tensor, steps: int) -> Tensor:
    """[steps - 1, batch, token, d] for DDPM, the same for a token in whichever round it is drawn."""
    rows = [torch.randn(steps - 1, *row.shape, generator=seeded(row, "steps")) for row in noise]
    return torch.stack(rows, dim=1).to(noise.device)


def _contexts(model: MARDM, prompt: Prompt, data: Tensor, known: Tensor) -> Tensor:
    """Transformer states [2, batch, token, width]: with the prompt and with the null prompt, in one pass."""
    batch = len(data)
    words, word_mask = (torch.cat([part, part]) for part in prompt)
    null = torch.arange(2 * batch, device=data.device) >= batch
    twice, known_twice = torch.cat([data, data]), torch.cat([known, known])
    states = model.context(twice, known_twice, torch.ones_like(known_twice), model.pooled(words, word_mask, null))
    return states.unflatten(0, (2, batch))


def _tokens(
    model: MARDM,
    context: Tensor,
    noise: Tensor,
    between: Tensor | None,
    sampling: Sampling,
    on_step: Callable[[int], None],
) -> Tensor:
    """Standardised data [n, d] for contexts [2, n, width] and noise [n, d]."""
    both = context.flatten(0, 1)

    def guided(noisy: Tensor, time: Tensor) -> Tensor:
        """The head's output moved away from the null prompt's (Ho & Salimans, 2022, eq. 6), at all times."""
        with_text, with_null = model.head(torch.cat([noisy, noisy]), time[None], both).chunk(2)
        return with_null + sampling.guidance * (with_text - with_null)

    def snapped(data: Tensor) -> Tensor:
        return model.snap(data) if sampling.snap == "step" else data

    def slope(noisy: Tensor, time: Tensor) -> Tensor:
        velocity = guided(noisy, time)
        if sampling.snap != "step":
            return velocity
        return (snapped(noisy + (1 - time) * velocity) - noisy) / (1 - time)

    if between is None:
        return sampler.integrate(slope, noise, sampling.steps, on_step, sampling.solver == "heun")
    return ddpm.sample(
        lambda noisy, number: guided(noisy, number / ddpm.STEPS),
        noise,
        between,
        on_step,
        lambda data: snapped(data.clamp(-_REACH, _REACH)),
    )
