"""Examples encoded once: a second run with the same tokenizer, data and settings reads them from disk."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from backend.tokenizers.conv import ConvTokenizer

from . import dataset
from .cache import digest, kept
from .tokens import Example, examples

_VERSION = "1"
"""Part of every key: raise it when the same tokenizer, data and settings make other examples than before (other features,
wordings, compositions, crops), or when what a file holds changes."""


def cached_examples(
    folder: Path,
    tokenizer: ConvTokenizer,
    data: dataset.Prepared,
    composed: int = 0,
    turned: int = 0,
    stretched: int = 0,
) -> list[Example]:
    """`tokens.examples`, from `folder` if they were made there before."""
    key = digest(_VERSION, *_weights(tokenizer), *_motions(data), f"{composed} {turned} {stretched}")

    def make() -> dict[str, Tensor]:
        return _packed(examples(tokenizer, data, composed, turned, stretched))

    return _unpacked(kept(folder, "examples", key, make))


def _weights(tokenizer: ConvTokenizer) -> list[str | Tensor]:
    rows: list[str | Tensor] = [repr(tokenizer.bottleneck), repr(tokenizer.bottleneck.levels)]
    for name, value in sorted(tokenizer.state_dict().items()):
        rows += [name, value]
    return rows


def _motions(data: dataset.Prepared) -> list[str | np.ndarray]:
    rows: list[str | np.ndarray] = [repr(data.mirrored), repr(data.spans)]
    return rows + [np.asarray(data.features[span.start : span.start + span.frames]) for span in data.spans]


def _packed(found: list[Example]) -> dict[str, Tensor]:
    sequences = [indices for example in found for indices in example.indices]
    texts = [
        [len(one.indices), one.captions, one.action, one.any_crop_fits, one.plain, one.source, one.kind]
        for one in found
    ]
    return {
        "indices": torch.cat(sequences) if sequences else torch.zeros(0, 1),
        "tokens": torch.tensor([len(indices) for indices in sequences], dtype=torch.int32),
        "texts": torch.frombuffer(bytearray(json.dumps(texts).encode()), dtype=torch.uint8),
    }


def _unpacked(tensors: dict[str, Tensor]) -> list[Example]:
    sequences = iter(tensors["indices"].split(tensors["tokens"].tolist()))
    texts = json.loads(tensors["texts"].numpy().tobytes())
    return [
        Example(tuple(next(sequences) for _ in range(count)), tuple(wordings), action, fits, tuple(plain), source, kind)
        for count, wordings, action, fits, plain, source, kind in texts
    ]
