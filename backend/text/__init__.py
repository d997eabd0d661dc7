"""Text encoders behind one interface: words in, one state per word piece out.

A new encoder is one file with a class of this shape and one line in `ENCODERS`.
"""

from __future__ import annotations

import importlib
from typing import Protocol

from torch import Tensor

from contract.errors import InputError


class TextEncoder(Protocol):
    """What a generator needs of an encoder."""

    width: int
    """Numbers a state has."""

    def encode(self, prompts: list[str]) -> tuple[Tensor, Tensor]:
        """Word states [prompt, word, width] float32 and their mask [prompt, word], True where a word is real."""
        ...


ENCODERS = {"minilm": "backend.text.minilm:MiniLM", "clip": "backend.text.clip:Clip"}


def load(name: str, device: str = "cpu") -> TextEncoder:
    """The encoder of that name on a device; InputError when it is unknown or not installed."""
    if name not in ENCODERS:
        raise InputError("text encoder", name, f"one of {', '.join(ENCODERS)}")
    module, kind = ENCODERS[name].split(":")
    return getattr(importlib.import_module(module), kind)(device)
