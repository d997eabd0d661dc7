"""Captions: mirrored wording, and text states encoded once and kept in memory, and on disk if wished."""

from __future__ import annotations

import re
from pathlib import Path

import torch
from torch import Tensor

from backend.text import TextEncoder

from .cache import digest, kept

_SWAPS = {
    "left": "right", "right": "left", "letf": "right", "lfet": "right", "rigth": "left", "rihgt": "left",
    "clockwise": "counterclockwise", "counterclockwise": "clockwise", "anticlockwise": "clockwise",
    "cw": "ccw", "ccw": "cw", "acw": "cw",
}  # fmt: skip
"""Words without hyphens and spaces; slips of the keyboard come back corrected."""
_WORDS = re.compile(
    r"\b(?:(?:(?:counter|anti)[- ]*)?clock[- ]*wise\b|(?:a|c)?cw\b"
    r"|(?:left|right|letf|lfet|rigth|rihgt)"
    r"(?=(?:wards?|most|y|(?:hand|foot|arm|leg|side|knee|elbow|fist|shoulder)\w*)?s?\b))",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"(?<=\b[Aa])n(?= clockwise\b)")
_BODY = r"(?:hand|arm|leg|foot|feet|fist|knee|elbow|side|shoulder|heel|thigh|shin|hook|jab|turn)"
_NO_SIDE = re.compile(
    rf"""\b(?:
        right[ ](?:away|now|after|before|angles?|angled|where|when|until|(?:side|way)[ ]up|on[ ]time|next[ ]to)\b
        | right[ ](?:up[ ](?:to|against)|as[ ](?:he|she|they|it|the))\b | right-angled?\b
        | (?:all|so|quite|that's)[ ]right\b | (?:goes|gets?|sinks)[ ]right[ ]down\b
        | (?:he|she|they|we|who|has|have|had|is|are|was|were|never)[ ]left\b (?![ ](?:{_BODY}|of|and|or|to)\b)
        | (?<!\bthe[ ])(?<!\bhis[ ])(?<!\bher[ ])(?<!\bits[ ])(?<!\bto[ ])left[ ](?:the|his|her|their)\b
        | left[ ](?:lying|hanging|alone|standing|sitting)\b
        | (?:nothing|energy|strength|time|room)[ ]left\b(?![ ](?:{_BODY}|of|and|or|to)\b)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_BATCH = 128
_LAYOUT = "states, pieces"
"""What a kept file holds: part of its key, so that a file of another layout is never read as one of this."""
_PROBE = "a person walks forward and waves the left hand"


def mirrored(caption: str) -> str:
    """The caption of the mirror image: left and right, clockwise and counterclockwise swapped, in all their spellings.

    What is no side stays: `right away`, `a right angle`, `he left the room`. Capitals are kept.
    """
    kept = [match.span() for match in _NO_SIDE.finditer(caption)]

    def swap(match: re.Match[str]) -> str:
        if any(start <= match.start() < end for start, end in kept):
            return match.group()
        other = _SWAPS[re.sub("[- ]", "", match.group().lower())]
        if match.group().isupper():
            return other.upper()
        return other.capitalize() if match.group()[0].isupper() else other

    return _ARTICLE.sub("", _WORDS.sub(swap, caption))


class EncodedCaptions:
    """Text states of many captions in fp16; every caption is encoded once, and never again where there is a `cache` folder."""

    def __init__(self, captions: list[str], encoder: TextEncoder, cache: Path | None = None) -> None:
        self.width = encoder.width
        unique = sorted(set(captions), key=lambda caption: (len(caption), caption))

        def make() -> dict[str, Tensor]:
            return _encoded(unique, encoder)

        tensors = make() if cache is None else kept(cache, "captions", _key(unique, encoder), make)
        self.states = dict(zip(unique, tensors["states"].split(tensors["pieces"].tolist()), strict=True))

    def batch(self, captions: list[str]) -> tuple[Tensor, Tensor]:
        """States [caption, word, width] float32 and mask [caption, word]."""
        rows = [self.states[caption] for caption in captions]
        states = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True).float()
        mask = torch.arange(states.shape[1]) < torch.tensor([len(row) for row in rows])[:, None]
        return states, mask


def _key(captions: list[str], encoder: TextEncoder) -> str:
    """The captions and what the encoder makes of a sentence: its name alone would not tell its weights."""
    states, _ = encoder.encode([_PROBE])
    return digest(states, _LAYOUT, *captions)


def _encoded(captions: list[str], encoder: TextEncoder) -> dict[str, Tensor]:
    """`states` [all pieces, width] fp16 of all captions, one after the other, and `pieces` [caption], how many each has."""
    states, pieces = [torch.zeros(0, encoder.width, dtype=torch.float16)], []
    for start in range(0, len(captions), _BATCH):
        encoded, mask = encoder.encode(captions[start : start + _BATCH])
        states.append(encoded[mask].half().cpu())
        pieces += mask.sum(1).tolist()
    return {"states": torch.cat(states), "pieces": torch.tensor(pieces, dtype=torch.int32)}
