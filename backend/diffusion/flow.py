"""Flow matching on a straight path with x-prediction (JiT: Li & He, 2025, arXiv 2511.13720), and the loop that samples from it.

Time 0 is noise, 1 is data: z_t = t x + (1 - t) e.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor

NEAREST = 0.05
"""Smallest 1 - t that a velocity is divided by (JiT's clipping), so that the loss weight stays bounded."""
GUIDED_FROM = 0.1
"""Guidance acts on v for t above this (JiT's interval)."""

Predict = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
"""(noisy [batch, token, d], time scalar or [batch, 1, 1]) -> data predicted (with the text, with the null prompt)."""
Slope = Callable[[Tensor, Tensor], Tensor]
"""(noisy [..., d], time that broadcasts against it) -> velocity [..., d]."""
Project = Callable[[Tensor], Tensor]
"""Predicted data [batch, token, d] -> the nearest data that can be."""


def interpolate(data: Tensor, noise: Tensor, time: Tensor) -> Tensor:
    """z_t = t x + (1 - t) e; `time` broadcasts against the data."""
    return time * data + (1 - time) * noise


def velocity(predicted_data: Tensor, noisy: Tensor, time: Tensor) -> Tensor:
    """v = (x - z_t) / max(1 - t, .05), the velocity that a prediction of the data implies."""
    return (predicted_data - noisy) / (1 - time).clamp(min=NEAREST)


def training_times(batch: int, device: torch.device, mean: float = -0.8, spread: float = 0.8) -> Tensor:
    """Times [batch] = sigmoid(N(mean, spread)), JiT's logit-normal."""
    return torch.sigmoid(torch.randn(batch, device=device) * spread + mean)


def guided_velocity(
    predict: Predict, noisy: Tensor, time: Tensor, guidance: float, project: Project | None = None
) -> Tensor:
    """Classifier-free guidance (Ho & Salimans, 2022) on the velocity: v_null + g (v_text - v_null).

    The velocity is linear in the predicted data, so guidance acts on the data, which `project` may then move.
    """
    with_text, with_null = predict(noisy, time)
    scale = torch.where(time > GUIDED_FROM, guidance, 1.0)
    data = with_null + scale * (with_text - with_null)
    return velocity(data if project is None else project(data), noisy, time)


def integrate(
    slope: Slope,
    noise: Tensor,
    steps: int,
    on_step: Callable[[int], None],
    heun: bool = False,
    begin: Tensor | None = None,
) -> Tensor:
    """Walk from `noise` [..., d] to data in `steps` Euler or Heun steps on a uniform time grid.

    begin: time of the first step, of a shape that broadcasts against `noise`, which then is what lies on the path there;
    without it 0. `on_step(index)` comes before each step and may raise. The last step is an Euler step in any case: at t = 1 the
    velocity of a data prediction is not defined.
    """
    grid = torch.linspace(0, 1, steps + 1, device=noise.device)
    times = grid if begin is None else [begin + (1 - begin) * share for share in grid]
    noisy = noise
    for step, (time, time_next) in enumerate(pairwise(times)):
        on_step(step)
        here = slope(noisy, time)
        if heun and step + 1 < steps:
            here = (here + slope(noisy + (time_next - time) * here, time_next)) / 2
        noisy = noisy + (time_next - time) * here
    return noisy


def sample(
    predict: Predict,
    noise: Tensor,
    steps: int,
    guidance: float,
    on_step: Callable[[int], None],
    heun: bool = False,
    project: Project | None = None,
    begin: Tensor | None = None,
) -> Tensor:
    """`integrate` along the guided velocity of a network that predicts data, moved by `project` at each step."""
    return integrate(
        lambda noisy, time: guided_velocity(predict, noisy, time, guidance, project), noise, steps, on_step, heun, begin
    )
