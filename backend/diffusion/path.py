"""The straight path of x-prediction diffusion (JiT: Li & He, 2025, arXiv 2511.13720); time 0 is noise, 1 is data."""

from __future__ import annotations

import torch
from torch import Tensor

NEAREST = 0.05
"""Smallest 1 - t that a velocity is divided by (JiT's clipping), so that the loss weight stays bounded."""


def interpolate(data: Tensor, noise: Tensor, time: Tensor) -> Tensor:
    """z_t = t x + (1 - t) e; `time` broadcasts against the data."""
    return time * data + (1 - time) * noise


def velocity(predicted_data: Tensor, noisy: Tensor, time: Tensor) -> Tensor:
    """v = (x - z_t) / max(1 - t, .05), the velocity that a prediction of the data implies."""
    return (predicted_data - noisy) / (1 - time).clamp(min=NEAREST)


def training_times(batch: int, device: torch.device, mean: float = -0.8, spread: float = 0.8) -> Tensor:
    """Times [batch] = sigmoid(N(mean, spread)), JiT's logit-normal."""
    return torch.sigmoid(torch.randn(batch, device=device) * spread + mean)
