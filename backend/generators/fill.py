"""Fill the unknown tokens of a sequence: MAR steps outside, diffusion steps inside, snapped to the grid at the end."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from backend.diffusion import sampler

from .isodim import IsoDiM


def fill(
    model: IsoDiM,
    prompt: tuple[Tensor, Tensor],
    coordinates: Tensor,
    known: Tensor,
    noise: Tensor,
    *,
    steps: int,
    guidance: float,
    mar_steps: int = 1,
    on_step: Callable[[int, int], None] = lambda step, total: None,
) -> Tensor:
    """Grid coordinates [batch, token, d] whose `known` tokens [batch, token] are those given, the rest sampled.

    prompt: word states [batch, word, text width] and mask. noise: standard normal [batch, token, d]; it and the order
    in which tokens are revealed follow from it alone, so the same noise gives the same clip. steps: diffusion steps of
    each MAR step; guidance: weight of the prompt against the null prompt (1 is no guidance).
    """
    total = steps * mar_steps
    order = torch.where(known, -1.0, torch.argsort(noise[..., 0].argsort(dim=1), dim=1).to(noise))
    current, revealed = coordinates, known
    for mar_step in range(mar_steps):
        predict = _predictor(model, prompt, model.standardize(current), revealed)
        data = sampler.sample(predict, noise, steps, guidance, _shifted(on_step, mar_step * steps, total))
        drawn = model.fsq.snap(model.coordinates(data))
        current = torch.where(known[..., None], coordinates, drawn)
        share = 1.0 - math.cos(math.pi / 2 * (mar_step + 1) / mar_steps)
        unknown = (~known).sum(1, keepdim=True)
        rank = order.argsort(dim=1).argsort(dim=1) - known.sum(1, keepdim=True)
        revealed = known | (rank < (share * unknown).ceil())
    return current


def _shifted(on_step: Callable[[int, int], None], first: int, total: int) -> Callable[[int], None]:
    return lambda step: on_step(first + step, total)


def _predictor(model: IsoDiM, prompt: tuple[Tensor, Tensor], data: Tensor, known: Tensor) -> sampler.Predict:
    """Both guidance passes in one batch; the MAR transformer runs once, the head once a diffusion step."""
    batch = len(data)
    states, word_mask = (torch.cat([part, part]) for part in prompt)
    null = torch.arange(2 * batch, device=data.device) >= batch
    twice, known_twice = torch.cat([data, data]), torch.cat([known, known])
    words, word_mask = model.words(states, word_mask, null)
    everywhere = torch.ones_like(known_twice)
    context = model.context(twice, known_twice, everywhere, words, word_mask)

    def predict(noisy: Tensor, time: Tensor) -> tuple[Tensor, Tensor]:
        clean = torch.where(known_twice[..., None], twice, torch.cat([noisy, noisy]))
        made = model.expected(model.denoise(clean, time.expand(2 * batch), context))
        with_text, with_null = torch.where(known_twice[..., None], twice, made).chunk(2)
        return with_text, with_null

    return predict
