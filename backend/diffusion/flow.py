"""Flow matching on a straight path with x-prediction (JiT: Li & He, 2025, arXiv 2511.13720), and the loop that samples from it.

Time 0 is noise, 1 is data: z_t = t x + (1 - t) e. The formulas are of arithmetic alone, so they hold for numpy's arrays and
torch's tensors alike.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

NEAREST = 0.05
"""Smallest 1 - t that a velocity is divided by (JiT's clipping), so that the loss weight stays bounded."""
GUIDED_FROM = 0.1
"""Guidance acts on v for t above this (JiT's interval)."""

Numbers = Any
"""An array or a tensor."""
Predict = Callable[[Numbers, Numbers], tuple[Numbers, Numbers]]
"""(noisy [batch, token, d], time scalar or [batch, 1, 1]) -> data predicted (with the text, with the null prompt)."""
Slope = Callable[[Numbers, Numbers], Numbers]
"""(noisy [..., d], time that broadcasts against it) -> velocity [..., d]."""
Project = Callable[[Numbers], Numbers]
"""Predicted data [batch, token, d] -> the nearest data that can be."""


def interpolate(data: Numbers, noise: Numbers, time: Numbers) -> Numbers:
    """z_t = t x + (1 - t) e; `time` broadcasts against the data."""
    return time * data + (1 - time) * noise


def velocity(predicted_data: Numbers, noisy: Numbers, time: Numbers) -> Numbers:
    """v = (x - z_t) / max(1 - t, .05), the velocity that a prediction of the data implies."""
    left = 1 - time
    return (predicted_data - noisy) / (max(left, NEAREST) if isinstance(left, float) else left.clip(NEAREST))


def guided_velocity(
    predict: Predict, noisy: Numbers, time: Numbers, guidance: float, project: Project | None = None
) -> Numbers:
    """Classifier-free guidance (Ho & Salimans, 2022) on the velocity: v_null + g (v_text - v_null).

    The velocity is linear in the predicted data, so guidance acts on the data, which `project` may then move.
    """
    with_text, with_null = predict(noisy, time)
    apart = with_text - with_null
    data = with_text + (guidance - 1) * apart * (time > GUIDED_FROM)
    return velocity(data if project is None else project(data), noisy, time)


def integrate(
    slope: Slope,
    noise: Numbers,
    steps: int,
    on_step: Callable[[int], None],
    heun: bool = False,
    begin: Numbers | None = None,
) -> Numbers:
    """Walk from `noise` [..., d] to data in `steps` Euler or Heun steps on a uniform time grid.

    begin: time of the first step, of a shape that broadcasts against `noise`, which then is what lies on the path there;
    without it 0. `on_step(index)` comes before each step and may raise. The last step is an Euler step in any case: at t = 1 the
    velocity of a data prediction is not defined.
    """
    grid = [step / steps for step in range(steps + 1)]
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
    noise: Numbers,
    steps: int,
    guidance: float,
    on_step: Callable[[int], None],
    heun: bool = False,
    project: Project | None = None,
    begin: Numbers | None = None,
) -> Numbers:
    """`integrate` along the guided velocity of a network that predicts data, moved by `project` at each step."""
    return integrate(
        lambda noisy, time: guided_velocity(predict, noisy, time, guidance, project), noise, steps, on_step, heun, begin
    )
