"""IsoDiM's losses on masked real tokens.

JiT's v-loss (arXiv 2511.13720, eq. 6 with the clipped weight) or the plain x-loss of the predicted data; with the grid
head, beside it, the cross-entropy of each dim's level; with the categorical head that cross-entropy alone, without noise.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from backend.diffusion import flow
from backend.generators.isodim import IsoDiM
from training.data.tokens import Batch
from training.engine.isodim_settings import IsoDiMSettings


def losses(model: IsoDiM, batch: Batch, visible: Tensor, null: Tensor, settings: IsoDiMSettings) -> dict[str, Tensor]:
    """Named losses of one batch; `visible` [batch, token] tokens are clean, `null` [batch] rows see no prompt."""
    data = model.standardize(model.bottleneck.from_indices(batch.indices))
    loss_mask = batch.mask & ~visible
    context = model.context(data, visible, batch.mask, *model.text_states(batch.text, batch.text_mask, null))
    if model.categorical:
        entropy = _entropy(model, model.denoise(*model.without_noise(data, visible), context), batch, loss_mask)
        return {"loss": entropy, "entropy": entropy}
    time = flow.training_times(len(data), data.device)[:, None, None]
    noise = torch.randn_like(data)
    noisy = torch.where(visible[..., None], data, flow.interpolate(data, noise, time))
    output = model.denoise(noisy, time[:, 0, 0], context)
    error = (model.expected(output) - data).square().mean(-1)
    if settings.loss == "v":
        error = error / (1 - time[..., 0]).clamp(min=flow.NEAREST).square()
    data_loss = error[loss_mask].mean()
    if not model.levels:
        return {"loss": data_loss, settings.loss: data_loss}
    entropy = _entropy(model, output, batch, loss_mask)
    return {"loss": entropy + settings.data_loss * data_loss, "entropy": entropy, settings.loss: data_loss}


def _entropy(model: IsoDiM, output: Tensor, batch: Batch, loss_mask: Tensor) -> Tensor:
    """Cross-entropy of the levels of `loss_mask` tokens, in nats, mean over dims."""
    pairs = zip(model.logits(output), batch.indices.unbind(-1), strict=True)
    return torch.stack([F.cross_entropy(logits[loss_mask], index[loss_mask]) for logits, index in pairs]).mean()
