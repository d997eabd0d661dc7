"""The sampling loop: Euler or Heun steps from noise to data on a uniform time grid."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor

from .path import velocity

Predict = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
"""(noisy [batch, token, d], time scalar) -> data predicted (with the text, with the null prompt)."""

Slope = Callable[[Tensor, Tensor], Tensor]
"""(noisy [..., d], time scalar) -> velocity [..., d]."""

GUIDED_FROM = 0.1
"""Guidance acts on v for t above this (JiT's interval)."""


Project = Callable[[Tensor], Tensor]
"""Predicted data [batch, token, d] -> the nearest data that can be."""


def guided_velocity(
    predict: Predict, noisy: Tensor, time: Tensor, guidance: float, project: Project | None = None
) -> Tensor:
    """Classifier-free guidance (Ho & Salimans, 2022) on the velocity: v_null + g (v_text - v_null).

    The velocity is linear in the predicted data, so guidance acts on the data, which `project` may then move.
    """
    with_text, with_null = predict(noisy, time)
    scale = guidance if time > GUIDED_FROM else 1.0
    data = with_null + scale * (with_text - with_null)
    return velocity(data if project is None else project(data), noisy, time)


def integrate(slope: Slope, noise: Tensor, steps: int, on_step: Callable[[int], None], heun: bool = False) -> Tensor:
    """Walk from `noise` [..., d] to data in `steps` along a slope; `on_step(index)` comes before each step and may raise.

    The last step is an Euler step in any case: at t = 1 the velocity of a data prediction is not defined.
    """
    times = torch.linspace(0, 1, steps + 1, device=noise.device)
    noisy = noise
    for step, (time, following) in enumerate(pairwise(times)):
        on_step(step)
        here = slope(noisy, time)
        if heun and step + 1 < steps:
            here = (here + slope(noisy + (following - time) * here, following)) / 2
        noisy = noisy + (following - time) * here
    return noisy


def sample(
    predict: Predict,
    noise: Tensor,
    steps: int,
    guidance: float,
    on_step: Callable[[int], None],
    heun: bool = False,
    project: Project | None = None,
) -> Tensor:
    """`integrate` along the guided velocity of a network that predicts data, moved by `project` at each step."""
    return integrate(
        lambda noisy, time: guided_velocity(predict, noisy, time, guidance, project), noise, steps, on_step, heun
    )
