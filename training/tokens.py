"""Captioned spans as code sequences: every span encoded once, plain and mirrored, at two frame offsets."""

from __future__ import annotations

import dataclasses

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from backend.generators.length import MAX_TOKENS
from backend.motion.features import mirror
from backend.tokenizers.conv import FRAMES_PER_TOKEN, ConvTokenizer

from .captions import EncodedCaptions, mirrored
from .compose import compositions
from .dataset import Prepared

MIN_TOKENS = 4
_OFFSETS = (0, 2)
_BUCKET = 32


@dataclasses.dataclass(frozen=True)
class Example:
    """One way to read a span: levels [token, d] uint8 at each frame offset, and the captions that fit."""

    levels: tuple[Tensor, ...]
    captions: tuple[str, ...]
    action: str
    any_crop_fits: bool


@torch.inference_mode()
def examples(tokenizer: ConvTokenizer, data: Prepared, composed: int = 0) -> list[Example]:
    """Every span of the split, `composed` joined pairs of spans (seed 0), and the mirror image of each.

    Motions too short for four tokens are left out.
    """
    rows = [
        (data.window(span.start, span.frames, False), span.captions, span.action, span.any_crop_fits)
        for span in data.spans
    ]
    joined = compositions(data, composed, np.random.default_rng(0))
    rows += [(features, (caption,), "composed", False) for features, caption in joined]
    found = []
    for features, captions, action, any_crop_fits in rows:
        for flip in (False, True):
            levels = tuple(_levels(tokenizer, mirror(features) if flip else features, offset) for offset in _OFFSETS)
            levels = tuple(level for level in levels if len(level) >= MIN_TOKENS)
            if levels:
                words = tuple(mirrored(caption) for caption in captions) if flip else captions
                found.append(Example(levels, words, action, any_crop_fits))
    return found


def _levels(tokenizer: ConvTokenizer, features: NDArray[np.float32], offset: int) -> Tensor:
    frames = (len(features) - offset) // FRAMES_PER_TOKEN * FRAMES_PER_TOKEN
    if frames < MIN_TOKENS * FRAMES_PER_TOKEN:
        return torch.empty(0, tokenizer.bottleneck.dims, dtype=torch.uint8)
    window = torch.from_numpy(features[offset : offset + frames]).to(tokenizer.mean)
    code = tokenizer.encode(tokenizer.normalize(window)[None])[0]
    return tokenizer.bottleneck.to_levels(code).to(torch.uint8).cpu()


@dataclasses.dataclass(frozen=True)
class Batch:
    """levels [batch, token, d] int64; mask [batch, token]; words and word_mask of the captions."""

    levels: Tensor
    mask: Tensor
    words: Tensor
    word_mask: Tensor


class Sampler:
    """Draws batches: actions balanced by the square root of their minutes, lengths alike within a batch."""

    def __init__(self, found: list[Example], captions: EncodedCaptions, balance: float = 0.5) -> None:
        self.found, self.captions = found, captions
        tokens = np.array([len(example.levels[0]) for example in found], float)
        actions, place = np.unique([example.action for example in found], return_inverse=True)
        mass = np.bincount(place, weights=np.sqrt(tokens), minlength=len(actions))
        weight = np.sqrt(tokens) * (mass ** (balance - 1))[place]
        self.chance = weight / weight.sum()

    def draw(self, rng: np.random.Generator, size: int) -> Batch:
        """One batch, its examples picked from a larger draw sorted by length, so that little is padding."""
        crops = [self._crop(index, rng) for index in rng.choice(len(self.found), size=size * _BUCKET, p=self.chance)]
        order = np.argsort([len(levels) for levels, _ in crops], kind="stable")
        first = int(rng.integers(_BUCKET)) * size
        chosen = [crops[index] for index in order[first : first + size]]
        levels = torch.nn.utils.rnn.pad_sequence([levels for levels, _ in chosen], batch_first=True).long()
        mask = torch.arange(levels.shape[1]) < torch.tensor([len(levels) for levels, _ in chosen])[:, None]
        return Batch(levels, mask, *self.captions.batch([caption for _, caption in chosen]))

    def _crop(self, index: int, rng: np.random.Generator) -> tuple[Tensor, str]:
        example = self.found[index]
        levels = example.levels[int(rng.integers(len(example.levels)))]
        caption = example.captions[int(rng.integers(len(example.captions)))]
        count = min(len(levels), MAX_TOKENS)
        if example.any_crop_fits and rng.random() < 0.5:
            count = int(rng.integers(min(count, 2 * MIN_TOKENS), count + 1))
        begin = int(rng.integers(len(levels) - count + 1)) if example.any_crop_fits else 0
        return levels[begin : begin + count], caption
