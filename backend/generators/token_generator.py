"""What every generator family is: a network that in-paints the masked tokens of a sequence."""

from __future__ import annotations

import abc
from collections.abc import Callable
from typing import ClassVar

import torch
from torch import Tensor, nn

from backend.text import TextStates
from backend.tokenizers.bottleneck import Bottleneck

from .sampling import Sampling

OnStep = Callable[[int, int], None]
"""(step, total), called before each sampling step; it may raise to end the sampling."""


class TokenGenerator(nn.Module, abc.ABC):
    """A generator over the latents of one tokenizer's `bottleneck`, which it holds but does not train.

    `mean` and `std` [d] standardise latents: even FSQ levels are not centred, and codebooks have any scale.
    """

    bottleneck: Bottleneck
    mean: Tensor
    std: Tensor
    renoises: ClassVar[bool] = False
    """Whether `inpaint` can begin from latents that are noised to a time of their own, instead of from noise alone."""
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

    @abc.abstractmethod
    def inpaint(
        self,
        text: TextStates,
        latents: Tensor,
        keep: Tensor,
        noise: Tensor,
        sampling: Sampling,
        on_step: OnStep,
        begin: Tensor | None = None,
    ) -> Tensor:
        """Latents [batch, token, d] whose `keep` tokens [batch, token] are those of `latents`, the rest sampled.

        text: states [1 or batch, piece, width] and their mask; one for all is read once.

        noise: standard normal [batch, token, d]; all chance follows from it, so the same noise gives the same clip.
        begin: time [batch] (0 noise, 1 data) to which the latents of the other tokens are noised to begin from; without
        it they are not read. Families that do not `renoise` ignore it.
        `on_step(step, total)` comes before each step and may raise.
        """


def counted(on_step: OnStep, first: int, total: int) -> Callable[[int], None]:
    """`on_step` for a part of a sampling that begins at step `first` of `total`: it is told the part's own step."""
    return lambda step: on_step(first + step, total)


def for_each(text: TextStates, batch: int) -> TextStates:
    """Text states of one prompt for all of a batch, or of one for each, as those of one for each."""
    states, mask = (part.expand(batch, *part.shape[1:]) for part in text)
    return states, mask


def both_prompts(text: TextStates) -> tuple[Tensor, Tensor, Tensor]:
    """States, mask and `null` [2 batch]: a batch's text, then as many null prompts, for guidance in one pass."""
    states, mask = (torch.cat([part, part]) for part in text)
    return states, mask, torch.arange(len(states), device=states.device) >= len(states) // 2
