"""The sampling loop: Euler or Heun steps from noise to data on a uniform time grid."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor

from .path import velocity

Predict = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
"""(noisy [batch, token, d], time scalar) -> data predicted (with the text, with the null prompt)."""

GUIDED_FROM = 0.1
"""Guidance acts on v for t above this (JiT's interval)."""


def guided_velocity(predict: Predict, noisy: Tensor, time: Tensor, guidance: float) -> Tensor:
    """Classifier-free guidance (Ho & Salimans, 2022) on the velocity: v_null + g (v_text - v_null)."""
    with_text, with_null = (velocity(data, noisy, time) for data in predict(noisy, time))
    scale = guidance if time > GUIDED_FROM else 1.0
    return with_null + scale * (with_text - with_null)


def sample(
    predict: Predict, noise: Tensor, steps: int, guidance: float, on_step: Callable[[int], None], heun: bool = False
) -> Tensor:
    """Walk from `noise` [batch, token, d] to data in `steps`; `on_step(index)` comes before each step and may raise.

    The last step is an Euler step in any case: at t = 1 the velocity is not defined.
    """
    times = torch.linspace(0, 1, steps + 1, device=noise.device)
    noisy = noise
    for step, (time, following) in enumerate(pairwise(times)):
        on_step(step)
        slope = guided_velocity(predict, noisy, time, guidance)
        if heun and step + 1 < steps:
            ahead = noisy + (following - time) * slope
            slope = (slope + guided_velocity(predict, ahead, following, guidance)) / 2
        noisy = noisy + (following - time) * slope
    return noisy
