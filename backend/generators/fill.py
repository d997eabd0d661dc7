"""How an IsoDiM fills the unknown tokens: MAR rounds outside; diffusion steps, or one categorical draw, inside each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from backend.diffusion import sampler

from .reveal import ranks, revealed
from .sampling import Sampling
from .token_generator import OnStep, Prompt, counted
from .watching import show

if TYPE_CHECKING:
    from .isodim import IsoDiM


def fill(
    model: IsoDiM,
    prompt: Prompt,
    coordinates: Tensor,
    known: Tensor,
    noise: Tensor,
    sampling: Sampling,
    on_step: OnStep = lambda step, total: None,
) -> Tensor:
    """See `TokenGenerator.fill`. What a round has revealed stands clean in the rounds after it."""
    rounds = sampling.mar_steps
    steps = 1 if model.categorical else sampling.steps
    words = _both_prompts(model, prompt)
    order = ranks(noise, known) if rounds > 1 else known  # one round needs no order
    current, shown = coordinates, known
    for done in range(rounds):
        count = counted(on_step, done * steps, rounds * steps)
        drawn = _round(model, words, current, shown, noise, sampling, count)
        current = torch.where(shown[..., None], current, drawn)
        if done + 1 < rounds:
            shown = revealed(known, order, done + 1, rounds)
    return current


def _both_prompts(model: IsoDiM, prompt: Prompt) -> Prompt:
    """Words of the prompts, then as many null prompts: both guidance passes go through the network in one batch."""
    states, mask = (torch.cat([part, part]) for part in prompt)
    null = torch.arange(len(states), device=states.device) >= len(states) // 2
    return model.words(states, mask, null)


def _round(
    model: IsoDiM,
    words: Prompt,
    current: Tensor,
    shown: Tensor,
    noise: Tensor,
    sampling: Sampling,
    count: Callable[[int], None],
) -> Tensor:
    """Coordinates [batch, token, d] of one round; the MAR transformer runs once, the head once a step."""
    data = model.standardize(current)
    twice, shown_twice = torch.cat([data, data]), torch.cat([shown, shown])
    context = model.context(twice, shown_twice, torch.ones_like(shown_twice), *words)
    if model.categorical:
        count(0)
        logits = model.denoise(*model.without_noise(twice, shown_twice), context)
        return model.bottleneck.from_codes(_chosen(model.logits(logits), noise, sampling.guidance))

    def predict(noisy: Tensor, time: Tensor) -> tuple[Tensor, Tensor]:
        clean = torch.where(shown_twice[..., None], twice, torch.cat([noisy, noisy]))
        made = model.expected(model.denoise(clean, time.expand(len(clean)), context))
        with_text, with_null = torch.where(shown_twice[..., None], twice, made).chunk(2)
        return with_text, with_null

    def project(data: Tensor) -> Tensor:
        data = model.snap(data) if sampling.snap == "step" else data
        show(lambda: model.coordinates(data))
        return data

    heun = sampling.solver == "heun"
    made = model.coordinates(sampler.sample(predict, noise, sampling.steps, sampling.guidance, count, heun, project))
    return made if sampling.snap == "never" else model.bottleneck.snap(made)


def _chosen(logits: tuple[Tensor, ...], noise: Tensor, guidance: float) -> Tensor:
    """Levels [batch, token, d] drawn from guided logits (of each dim, [2 batch, token, L]): l_null + g (l_text - l_null).

    The inverse of the cumulative distribution at Phi(noise) has exactly that distribution, and follows the noise.
    """
    chance = torch.special.ndtr(noise)
    codes = []
    for dim, both in enumerate(logits):
        with_text, with_null = both.chunk(2)
        below = (with_null + guidance * (with_text - with_null)).softmax(-1).cumsum(-1)
        codes.append((below[..., :-1] < chance[..., dim, None]).sum(-1))
    return torch.stack(codes, dim=-1)
