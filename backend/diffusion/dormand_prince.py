"""Adaptive Runge-Kutta of order 5(4) (Dormand & Prince, J. Comp. Appl. Math. 6, 1980), from time 0 to 1.

Step sizes follow Hairer, Norsett & Wanner, Solving Ordinary Differential Equations I (1993), section II.4, which is what
scipy's RK45 and torchdiffeq's dopri5 do too. The last step ends at 1; torchdiffeq goes beyond and interpolates back.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

RTOL, ATOL = 1e-3, 1e-6
"""Tolerances that SiT's and MARDM's releases sample with."""
_NODES = (1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0)
_STAGES = (
    (1 / 5,),
    (3 / 40, 9 / 40),
    (44 / 45, -56 / 15, 32 / 9),
    (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
    (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
)
_FIFTH = (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84)
_FIFTH_LESS_FOURTH = (71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40)
_ORDER = 5
_SAFETY, _SHRINK, _GROW = 0.9, 0.2, 10.0
_FIRST = 0.01
"""Share of the solution by which an Euler step may change it while the first step size is sought."""
_TINY = 1e-5
_SMALLEST = 10 * torch.finfo(torch.float32).eps
"""Below this a step changes no time in single precision."""

Slope = Callable[[Tensor, Tensor], Tensor]
"""(state [..., d], time, scalar) -> its derivative, of the same shape."""


def integrate(
    slope: Slope,
    start: Tensor,
    on_time: Callable[[float], None],
    rtol: float = RTOL,
    atol: float = ATOL,
) -> Tensor:
    """The state at time 1 of d state / d time = slope, from `start` [..., d] at time 0.

    The error of a step is the root mean square over all numbers, so what stands in a batch has a say in its steps.
    `on_time(time)` comes before each step tried and may raise. FloatingPointError where no step is small enough.
    """
    state, time = start, 0.0
    here = slope(state, start.new_tensor(time))
    size = _first_size(slope, state, here, rtol, atol)
    rejected = False
    while time < 1.0:
        on_time(time)
        size = min(size, 1.0 - time)
        ahead, slopes = _step(slope, state, here, time, size)
        error = _norm(size * _sum(_FIFTH_LESS_FOURTH, slopes), _scale(state, ahead, rtol, atol))
        if error < 1.0:
            factor = _GROW if error == 0.0 else min(_GROW, _SAFETY * error ** (-1 / _ORDER))
            time = 1.0 if size == 1.0 - time else time + size
            state, here = ahead, slopes[-1]
            size *= min(1.0, factor) if rejected else factor
            rejected = False
            continue
        size *= max(_SHRINK, _SAFETY * error ** (-1 / _ORDER))
        rejected = True
        if not size > _SMALLEST:  # also where the error is no number
            raise FloatingPointError(
                f"no step at time {time:.3g} is small enough: the slope is no smooth function there"
            )
    return state


def _step(slope: Slope, state: Tensor, here: Tensor, time: float, size: float) -> tuple[Tensor, list[Tensor]]:
    """The fifth-order state after a step, and all seven slopes: the last one is the next step's first."""
    slopes = [here]
    for node, weights in zip(_NODES, _STAGES, strict=True):
        slopes.append(slope(state + size * _sum(weights, slopes), state.new_tensor(time + node * size)))
    ahead = state + size * _sum(_FIFTH, slopes)
    slopes.append(slope(ahead, state.new_tensor(time + size)))
    return ahead, slopes


def _first_size(slope: Slope, state: Tensor, here: Tensor, rtol: float, atol: float) -> float:
    """A first step that an Euler step of a hundredth suggests (Hairer et al., II.4, `starting step size`)."""
    scale = atol + state.abs() * rtol
    of_state, of_slope = _norm(state, scale), _norm(here, scale)
    trial = 1e-6 if min(of_state, of_slope) < _TINY else _FIRST * of_state / of_slope
    trial = min(trial, 1.0)
    moved = slope(state + trial * here, state.new_tensor(trial))
    of_curve = _norm(moved - here, scale) / trial
    steepest = max(of_slope, of_curve)
    wanted = max(1e-6, trial * 1e-3) if steepest <= 1e-15 else (_FIRST / steepest) ** (1 / _ORDER)
    return min(100 * trial, wanted, 1.0)


def _sum(weights: tuple[float, ...], slopes: list[Tensor]) -> Tensor:
    total = weights[0] * slopes[0]
    for weight, one in zip(weights[1:], slopes[1:], strict=True):
        if weight:
            total = total + weight * one
    return total


def _scale(state: Tensor, ahead: Tensor, rtol: float, atol: float) -> Tensor:
    return atol + torch.maximum(state.abs(), ahead.abs()) * rtol


def _norm(value: Tensor, scale: Tensor) -> float:
    return float((value / scale).square().mean().sqrt())
