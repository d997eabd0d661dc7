"""Denoising diffusion on a discrete chain (Ho et al., NeurIPS 2020): cosine noise, epsilon-prediction, ancestral steps.

Step 0 is the nearest to data, the last step is noise: x_t = sqrt(alpha_bar_t) x + sqrt(1 - alpha_bar_t) e.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

STEPS = 1000
"""Of our chain; MARDM's release has a chain of 50."""
_OFFSET = 0.008
"""s of the cosine schedule: less noise than this at the beginning is hard to predict (section 3.2)."""
_LARGEST_BETA = 0.999
"""Clipping of the paper, against a division by zero at the end of the chain."""

Predict = Callable[[Tensor, Tensor], Tensor]
"""(noisy [..., d], the step's number on the chain, scalar) -> predicted noise [..., d]."""


def cosine_alpha_bar(length: int = STEPS) -> Tensor:
    """alpha_bar [length] of the cosine schedule (Nichol & Dhariwal, ICML 2021, eq. 17; betas clipped at .999).

    alpha_bar_t = f(t) / f(0) with f(t) = cos^2((t / T + s) / (1 + s) * pi / 2), s = .008.
    """
    share = torch.arange(length + 1, dtype=torch.float64) / length
    curve = torch.cos((share + _OFFSET) / (1 + _OFFSET) * torch.pi / 2).square()
    betas = (1 - curve[1:] / curve[:-1]).clamp(max=_LARGEST_BETA)
    return torch.cumprod(1 - betas, dim=0).float()


def respaced(steps: int, length: int = STEPS) -> Tensor:
    """Numbers [steps] of evenly spread steps of a chain, from 0 to the last (Nichol & Dhariwal, 2021, section 4)."""
    return torch.linspace(0, length - 1, steps).round().long() if steps > 1 else torch.tensor([length - 1])


def noised(data: Tensor, noise: Tensor, alpha_bar: Tensor) -> Tensor:
    """x_t for alpha_bar values that broadcast against the data (Ho et al., 2020, eq. 4)."""
    return alpha_bar.sqrt() * data + (1 - alpha_bar).sqrt() * noise


def sample(
    predict: Predict,
    noise: Tensor,
    step_noise: Tensor,
    on_step: Callable[[int], None],
    project: Callable[[Tensor], Tensor] = lambda data: data,
    length: int = STEPS,
) -> Tensor:
    """Ancestral sampling from `noise` [..., d] with `step_noise` [steps - 1, ..., d] between steps of a chain of `length`.

    The reverse variance is the fixed small one, beta~ of the posterior (Ho et al., 2020, eq. 7): the lower bound, which
    at few steps is the better of the two. `project` changes the data that each step predicts; `on_step(index)` comes
    before each step and may raise.
    """
    chain = respaced(len(step_noise) + 1, length).tolist()
    alpha_bars = cosine_alpha_bar(length).tolist()
    noisy = noise
    for index, number in enumerate(reversed(chain)):
        on_step(index)
        here = alpha_bars[number]
        predicted = predict(noisy, torch.tensor(number, device=noise.device))
        data = project((noisy - (1 - here) ** 0.5 * predicted) / here**0.5)
        if index + 1 == len(chain):
            return data
        before = alpha_bars[chain[-index - 2]]
        beta = 1 - here / before
        mean = before**0.5 * beta / (1 - here) * data + (1 - beta) ** 0.5 * (1 - before) / (1 - here) * noisy
        noisy = mean + ((1 - before) / (1 - here) * beta) ** 0.5 * step_noise[index]
    raise ValueError("a chain of no steps")
