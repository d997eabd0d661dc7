"""What an engine gives: a checkpoint ready to compute, and the text encoder that it was trained with."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from backend.drafts.library import Library
from backend.generators.sampler import Generator
from backend.generators.sampling import Sampling
from backend.text import States
from backend.tokenizers.coder import Array, Coder


class TextEncoder(Protocol):
    """Prompts to text states; `name` is that of `backend.text`."""

    name: str
    width: int

    @property
    def pieces(self) -> Any:
        """The encoder's word pieces; `encode_batch(texts)` gives their numbers as `ids`."""
        ...

    def encode(self, prompts: list[str]) -> States:
        """Text states of prompts and their mask."""
        ...


@dataclasses.dataclass(frozen=True)
class Engine:
    """A checkpoint in memory.

    name: the engine and its version, for people and for a clip's meta. device: what it computes on. config: the
    checkpoint's config.json. length: text states -> logits over 1 ... tokens. parameters: numbers in the networks, the text encoder apart.
    """

    name: str
    device: str
    config: dict[str, Any]
    sampling: Sampling
    generator: Generator
    tokenizer: Coder
    length: Callable[[States], Array]
    parameters: int
    takes: Library | None = None
    """The motion library beside the weights, where there is one."""


def median_tokens(logits: Array) -> NDArray[np.int64]:
    """The median length in tokens [batch] of a predicted distribution, given as logits [batch, tokens]."""
    weight = np.exp(logits - logits.max(-1, keepdims=True))
    below = np.cumsum(weight / weight.sum(-1, keepdims=True), axis=-1) < 0.5
    return below.sum(-1) + 1
