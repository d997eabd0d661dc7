"""DiCoDe's loss: the negative logarithm of what the network says of each token, given those before and its segment's prompt."""

from __future__ import annotations

import torch
from torch import Tensor

from backend.dicode.language import DiCoDe
from training.data.segments import SegmentBatch


def losses(model: DiCoDe, batch: SegmentBatch, null: Tensor, input_noise: float) -> dict[str, Tensor]:
    """`loss`: nats a number, or of a regression the squared error, the mean over real tokens.

    Where `null` [batch] is True no segment sees its prompt; those that nobody described never do. The tokens that are read get
    noise of `input_noise` standard deviations, the targets none.
    """
    data = model.standardize(batch.latents)
    read = data + input_noise * torch.randn_like(data)
    text = model.text_states(batch.text, batch.text_mask, null[:, None] | ~batch.told)
    output = model.output(read.flatten(1, 2), text).unflatten(1, data.shape[1:3])
    return {"loss": model.density.loss(output, data)[batch.mask].mean()}
