"""Text encoders behind one interface: prompts in, one state per word piece, or one per prompt, out.

A new encoder is one file with a class of this shape and one line in `ENCODERS`.
"""

from __future__ import annotations

import importlib
from typing import Protocol

from torch import Tensor

from common.errors import InputError

TextStates = tuple[Tensor, Tensor]
"""States [prompt, piece, width] float32 and their mask [prompt, piece], True where a piece is real."""


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
