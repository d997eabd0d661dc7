"""What the networks of every generator family share, in torch."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from backend.text import TextStates
from backend.tokenizers.bottleneck import Bottleneck


class TokenGenerator(nn.Module):
    """A generator over the latents of one tokenizer's `bottleneck`, which it holds but does not train.

    IsoDiM is sampled by `sampler.py`; the other families have an `inpaint` of their own, on tensors.
    `mean` and `std` [d] standardise latents: even FSQ levels are not centred, and codebooks have any scale.
    """

    bottleneck: Bottleneck
    mean: Tensor
    std: Tensor
    renoises: ClassVar[bool] = False
    """As `Generator.renoises`."""
    standardizes: ClassVar[bool] = True
    """Whether training sets `mean` and `std`; MARDM's release takes latents as they are."""

    def __init__(self, bottleneck: Bottleneck) -> None:
        super().__init__()
        self.bottleneck = bottleneck
        self.register_buffer("mean", torch.zeros(bottleneck.dims))
        self.register_buffer("std", torch.ones(bottleneck.dims))

    def standardize(self, latents: Tensor) -> Tensor:
        """Latents [..., d] -> zero mean, unit std per dim."""
        return (latents - self.mean) / self.std

    def destandardize(self, standardized: Tensor) -> Tensor:
        """The inverse of `standardize`."""
        return standardized * self.std + self.mean

    def snap(self, standardized: Tensor) -> Tensor:
        """The nearest standardised data [..., d] that the bottleneck can give."""
        return self.standardize(self.bottleneck.snap(self.destandardize(standardized)))


def for_each(text: TextStates, batch: int) -> TextStates:
    """Text states of one prompt for all of a batch, or of one for each, as those of one for each."""
    states, mask = (part.expand(batch, *part.shape[1:]) for part in text)
    return states, mask


def both_prompts(text: TextStates) -> tuple[Tensor, Tensor, Tensor]:
    """States, mask and `null` [2 batch]: a batch's text, then as many null prompts, for guidance in one pass."""
    states, mask = (torch.cat([part, part]) for part in text)
    return states, mask, torch.arange(len(states), device=states.device) >= len(states) // 2
