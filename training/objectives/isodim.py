"""IsoDiM's losses on masked real tokens.

JiT's v-loss (arXiv 2511.13720, eq. 6 with the clipped weight) or the plain x-loss of the predicted data; with the grid
head, beside it, the cross-entropy of each dim's level; with the categorical head that cross-entropy alone, without noise.
"""

from __future__ import annotations

import dataclasses

import torch
import torch.nn.functional as F
from torch import Tensor

from backend.diffusion import flow
from backend.generators.isodim import Context, IsoDiM
from training.data.tokens import Batch
from training.engine.isodim_settings import IsoDiMSettings


@dataclasses.dataclass(frozen=True)
class Noised:
    """A batch as the head reads it: standardised data, noise and what lies between at `time` [batch, 1, 1]."""

    data: Tensor
    noise: Tensor
    time: Tensor
    visible: Tensor
    loss_mask: Tensor
    context: Context

    def at(self, time: Tensor) -> Tensor:
        """The data noised to a time, visible tokens clean: [batch, token, d]."""
        return torch.where(self.visible[..., None], self.data, flow.interpolate(self.data, self.noise, time))


def losses(model: IsoDiM, batch: Batch, visible: Tensor, null: Tensor, settings: IsoDiMSettings) -> dict[str, Tensor]:
    """Named losses of one batch; `visible` [batch, token] tokens are clean, `null` [batch] rows see no prompt."""
    if model.categorical:
        data = model.standardize(model.bottleneck.from_indices(batch.indices))
        context = model.context(data, visible, batch.mask, *model.text_states(batch.text, batch.text_mask, null))
        output = model.denoise(*model.without_noise(data, visible), context)
        entropy = _entropy(model, output, batch, batch.mask & ~visible)
        return {"loss": entropy, "entropy": entropy}
    noised = noised_batch(model, batch, visible, null)
    output = model.denoise(noised.at(noised.time), noised.time[:, 0, 0], noised.context)
    return losses_of(model, output, noised, batch, settings)


def noised_batch(model: IsoDiM, batch: Batch, visible: Tensor, null: Tensor) -> Noised:
    """Times and noise for a batch, and what the MAR transformer makes of it."""
    data = model.standardize(model.bottleneck.from_indices(batch.indices))
    context = model.context(data, visible, batch.mask, *model.text_states(batch.text, batch.text_mask, null))
    time = training_times(len(data), data.device)[:, None, None]
    return Noised(data, torch.randn_like(data), time, visible, batch.mask & ~visible, context)


def losses_of(
    model: IsoDiM, output: Tensor, noised: Noised, batch: Batch, settings: IsoDiMSettings
) -> dict[str, Tensor]:
    """Named losses of the head's output for a noised batch."""
    error = (model.expected(output) - noised.data).square().mean(-1)
    if settings.loss == "v":
        error = error / (1 - noised.time[..., 0]).clamp(min=flow.NEAREST).square()
    data_loss = error[noised.loss_mask].mean()
    if not model.levels:
        return {"loss": data_loss, settings.loss: data_loss}
    entropy = _entropy(model, output, batch, noised.loss_mask)
    return {"loss": entropy + settings.data_loss * data_loss, "entropy": entropy, settings.loss: data_loss}


def training_times(batch: int, device: torch.device, mean: float = -0.8, spread: float = 0.8) -> Tensor:
    """Times [batch] = sigmoid(N(mean, spread)), JiT's logit-normal."""
    return torch.sigmoid(torch.randn(batch, device=device) * spread + mean)


def _entropy(model: IsoDiM, output: Tensor, batch: Batch, loss_mask: Tensor) -> Tensor:
    """Cross-entropy of the levels of `loss_mask` tokens, in nats, mean over dims."""
    pairs = zip(model.logits(output), batch.indices.unbind(-1), strict=True)
    return torch.stack([F.cross_entropy(logits[loss_mask], index[loss_mask]) for logits, index in pairs]).mean()
