"""Examples encoded once: a second run with the same tokenizer, data and settings reads their codes from disk."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from torch import Tensor

from backend.motion import features
from backend.tokenizers import conv
from backend.tokenizers.conv import ConvTokenizer

from . import captions, compose, dataset, tokens, turns, wordings
from .cache import digest, kept
from .tokens import Example, examples

_CODE: tuple[ModuleType, ...] = (captions, compose, conv, dataset, features, tokens, turns, wordings)
"""What decides which examples there are: other code makes other examples, so its text is part of the key."""


def cached_examples(
    folder: Path, tokenizer: ConvTokenizer, data: dataset.Prepared, composed: int = 0, turned: int = 0
) -> list[Example]:
    """`tokens.examples`, from `folder` if they were made there before."""
    key = digest(*_code(), *_weights(tokenizer), *_motions(data), f"{composed} {turned}")
    return _unpacked(kept(folder, "codes", key, lambda: _packed(examples(tokenizer, data, composed, turned))))


def _code() -> list[bytes]:
    return [Path(str(module.__file__)).read_bytes() for module in _CODE]


def _weights(tokenizer: ConvTokenizer) -> list[str | Tensor]:
    rows: list[str | Tensor] = [repr(tokenizer.bottleneck), repr(tokenizer.bottleneck.levels)]
    for name, value in sorted(tokenizer.state_dict().items()):
        rows += [name, value]
    return rows


def _motions(data: dataset.Prepared) -> list[str | np.ndarray]:
    rows: list[str | np.ndarray] = [repr(data.mirrored), repr(data.spans)]
    return rows + [np.asarray(data.features[span.start : span.start + span.frames]) for span in data.spans]


def _packed(found: list[Example]) -> dict[str, Tensor]:
    sequences = [codes for example in found for codes in example.codes]
    texts = [
        [len(one.codes), one.captions, one.action, one.any_crop_fits, one.plain, one.source, one.kind] for one in found
    ]
    return {
        "codes": torch.cat(sequences) if sequences else torch.zeros(0, 1),
        "tokens": torch.tensor([len(codes) for codes in sequences], dtype=torch.int32),
        "texts": torch.frombuffer(bytearray(json.dumps(texts).encode()), dtype=torch.uint8),
    }


def _unpacked(tensors: dict[str, Tensor]) -> list[Example]:
    sequences = iter(tensors["codes"].split(tensors["tokens"].tolist()))
    texts = json.loads(tensors["texts"].numpy().tobytes())
    return [
        Example(tuple(next(sequences) for _ in range(count)), tuple(words), action, fits, tuple(plain), source, kind)
        for count, words, action, fits, plain, source, kind in texts
    ]
