"""Captions: mirrored wording, and word states encoded once and kept in memory."""

from __future__ import annotations

import re

import torch
from torch import Tensor

from backend.text import TextEncoder

_SWAPS = {"left": "right", "right": "left", "counterclockwise": "clockwise", "clockwise": "counterclockwise"}
_WORDS = re.compile(r"\b(counter-?clockwise|clockwise|left|right)", re.IGNORECASE)
_NO_SIDE = re.compile(r"\b(right (?:away|now|after|before)|upright|all right)\b", re.IGNORECASE)
_BATCH = 128


def mirrored(caption: str) -> str:
    """The caption of the mirror image: left/right and clockwise/counterclockwise swapped, `right away` kept."""
    kept = [match.span() for match in _NO_SIDE.finditer(caption)]

    def swap(match: re.Match[str]) -> str:
        if any(start <= match.start() < end for start, end in kept):
            return match.group()
        word = match.group().lower().replace("-", "")
        other = _SWAPS[word]
        return other.capitalize() if match.group()[0].isupper() else other

    return _WORDS.sub(swap, caption)


class EncodedCaptions:
    """Word states of many captions in fp16; every caption is encoded once."""

    def __init__(self, captions: list[str], encoder: TextEncoder) -> None:
        self.width = encoder.width
        unique = sorted(set(captions), key=len)
        self.states: dict[str, Tensor] = {}
        for start in range(0, len(unique), _BATCH):
            part = unique[start : start + _BATCH]
            states, mask = encoder.encode(part)
            for caption, state, real in zip(part, states, mask, strict=True):
                self.states[caption] = state[real].half().cpu().clone()

    def batch(self, captions: list[str]) -> tuple[Tensor, Tensor]:
        """States [caption, word, width] float32 and mask [caption, word]."""
        rows = [self.states[caption] for caption in captions]
        words = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True).float()
        mask = torch.arange(words.shape[1]) < torch.tensor([len(row) for row in rows])[:, None]
        return words, mask
