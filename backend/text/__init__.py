"""Text encoders behind one interface: prompts in, one state per word piece, or one per prompt, out; here those in torch.

A new encoder is one file with a class of this shape and one line in `ENCODERS`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from common.errors import InputError

if TYPE_CHECKING:
    from torch import Tensor

States = tuple[NDArray[np.float32], NDArray[np.bool_]]
"""States [prompt, piece, width] and their mask [prompt, piece], True where a piece is real."""
TextStates = tuple["Tensor", "Tensor"]
"""The same on a device, for torch's networks."""


class TextEncoder(Protocol):
    """What a generator needs of an encoder."""

    width: int
    """Numbers a state has."""

    def encode(self, prompts: list[str]) -> TextStates:
        """Text states of prompts and their mask."""
        ...


ENCODERS = {
    "minilm": "backend.text.minilm:MiniLM",
    "clip": "backend.text.clip:Clip",
    "clip-pooled": "backend.text.clip:ClipPooled",
    "hf": "backend.text.huggingface:HuggingFace",
}
"""By what stands before a colon in the name; what stands behind it says which model."""


def load(name: str, device: str = "cpu") -> TextEncoder:
    """The encoder of that name, or of `hf:MODEL`, on a device; InputError when it is unknown or not installed."""
    kind, _, model = name.partition(":")
    if kind not in ENCODERS or (kind == "hf") != bool(model):
        raise InputError("text encoder", name, f"one of {', '.join(ENCODERS)}:MODEL")
    place, made = ENCODERS[kind].split(":")
    return getattr(importlib.import_module(place), made)(device, **({"model": model} if model else {}))
