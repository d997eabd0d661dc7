"""What every generator family is: a network that fills in the unknown tokens of a sequence."""

from __future__ import annotations

import abc
from collections.abc import Callable

import torch
from torch import Tensor, nn

from backend.tokenizers.bottleneck import Bottleneck

from .sampling import Sampling

OnStep = Callable[[int, int], None]
"""(step, total), called before each sampling step; it may raise to end the drawing."""
Prompt = tuple[Tensor, Tensor]
"""Word states [batch, word, text width] and their mask [batch, word], True where a word is real."""


class TokenGenerator(nn.Module, abc.ABC):
    """A generator over the coordinates of one tokenizer's `bottleneck`, which it holds but does not train.

    `mean` and `std` [d] standardise coordinates: even FSQ levels are not centred, and codebooks have any scale.
    """

    bottleneck: Bottleneck
    mean: Tensor
    std: Tensor

    def __init__(self, bottleneck: Bottleneck) -> None:
        super().__init__()
        self.bottleneck = bottleneck
        self.register_buffer("mean", torch.zeros(bottleneck.dims))
        self.register_buffer("std", torch.ones(bottleneck.dims))

    def standardize(self, coordinates: Tensor) -> Tensor:
        """Coordinates [..., d] -> zero mean, unit std per dim."""
        return (coordinates - self.mean) / self.std

    def coordinates(self, standardized: Tensor) -> Tensor:
        """The inverse of `standardize`."""
        return standardized * self.std + self.mean

    def snap(self, standardized: Tensor) -> Tensor:
        """The nearest standardised data [..., d] that the bottleneck can give."""
        return self.standardize(self.bottleneck.snap(self.coordinates(standardized)))

    @abc.abstractmethod
    def fill(
        self, prompt: Prompt, coordinates: Tensor, known: Tensor, noise: Tensor, sampling: Sampling, on_step: OnStep
    ) -> Tensor:
        """Coordinates [batch, token, d] whose `known` tokens [batch, token] are those given, the rest sampled.

        noise: standard normal [batch, token, d]; all chance follows from it, so the same noise gives the same clip.
        """


def counted(on_step: OnStep, first: int, total: int) -> Callable[[int], None]:
    """`on_step` for a part of a drawing that begins at step `first` of `total`: it is told the part's own step."""
    return lambda step: on_step(first + step, total)
