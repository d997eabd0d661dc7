"""The deep tokenizer's losses: flow matching of the decoder, through which the tokens learn what to hold.

JiT's v-loss on predicted frames (arXiv 2511.13720, eq. 6), as IsoDiM's; nothing compares a reconstruction with its original
directly, because the same tokens may be played in many ways.
"""

from __future__ import annotations

import torch
from torch import Tensor

from backend.dicode.tokenizer import DeepTokenizer
from backend.diffusion import flow
from training.engine.dicode_settings import DeepTokenizerSettings

from .isodim import training_times


def losses(model: DeepTokenizer, windows: Tensor, known: Tensor, settings: DeepTokenizerSettings) -> dict[str, Tensor]:
    """Named losses of normalised windows [batch, frames_before + segment_frames, f].

    Where `known` [batch] is False the decoder does not see the frames before. `x` is the plain error of the predicted frames.
    """
    before, data = windows.split([model.frames_before, model.segment_frames], dim=1)
    quantized = model.quantize(data)
    noise, time = torch.randn_like(data), training_times(len(data), data.device)
    past = before + settings.before_noise * torch.randn_like(before)
    noisy = flow.interpolate(data, noise, time[:, None, None])
    error = (model.denoise(noisy, time, quantized.latents, past, known) - data).square()
    weighed = error / (1 - time[:, None, None]).clamp(min=flow.NEAREST).square()
    every, root = weighed.mean(), weighed[..., :4].mean()
    found = {"loss": every + settings.root_loss * root, "v": every, "root": root, "x": error.mean()}
    if settings.bottleneck == "kl":
        found |= {"loss": found["loss"] + settings.kl_loss * quantized.commitment, "kl": quantized.commitment}
    return found
