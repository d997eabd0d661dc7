"""Captioned spans as index sequences: every span encoded once, plain and mirrored, at two frame offsets."""

from __future__ import annotations

import collections
import dataclasses

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from backend.generators.windows import MAX_TOKENS
from backend.motion.features import mirror
from backend.tokenizers.coder import FRAMES_PER_TOKEN
from backend.tokenizers.conv import ConvTokenizer

from .captions import EncodedCaptions, mirrored
from .compose import compositions
from .dataset import Prepared, balanced_chance
from .mix import Mix
from .stretches import stretches
from .turns import turns
from .wordings import wave_wordings

MIN_TOKENS = 4
_OFFSETS = (0, 2)
_BUCKET = 32
_ENCODED_AT_ONCE = 32


@dataclasses.dataclass(frozen=True)
class Example:
    """One way to read a span: indices [token, c] at each frame offset, in `stored`'s type, and the captions that fit.

    plain: short phrasings beside the captions; source: where the span is from; kind: its concepts joined by `+`, else `action:` and its action.
    """

    indices: tuple[Tensor, ...]
    captions: tuple[str, ...]
    action: str
    any_crop_fits: bool
    plain: tuple[str, ...] = ()
    source: str = ""
    kind: str = ""


@torch.inference_mode()
def examples(
    tokenizer: ConvTokenizer, data: Prepared, composed: int = 0, turned: int = 0, stretched: int = 0
) -> list[Example]:
    """Every span of the split, `composed` joined pairs of spans, `turned` bent walks and `stretched` slower or faster
    spans (seed 0), and the mirror images.

    Motions too short for four tokens are left out.
    """
    rows = []
    for span in data.spans:
        features = data.window(span.start, span.frames, False)
        captions = {wording: None for caption in span.captions for wording in wave_wordings(features, caption)}
        source, kind = data.names[span.clip].partition("/")[0], "+".join(span.concepts) or f"action:{span.action}"
        rows.append((features, tuple(captions), span.action, span.any_crop_fits, span.plain, source, kind))
    joined = compositions(data, composed, np.random.default_rng(0))
    rows += [(features, (caption,), "composed", False, (), "composed", "composed") for features, caption in joined]
    bends = turns(data, turned, np.random.default_rng(0))
    rows += [(features, (caption,), "turned", False, (), "turned", "turned") for features, caption in bends]
    paced = stretches(data, stretched, np.random.default_rng(0))
    rows += [
        (features, (caption,), span.action, False, (), "stretched", "stretched") for features, caption, span in paced
    ]
    jobs = [(row, flip) for row in rows for flip in ((False, True) if data.mirrored else (False,))]
    encoded = _encoded(tokenizer, [mirror(row[0]) if flip else row[0] for row, flip in jobs])
    found = []
    for ((_, captions, action, any_crop_fits, plain, source, kind), flip), indices in zip(jobs, encoded, strict=True):
        if indices:
            wordings, short = (tuple(map(mirrored, part)) if flip else part for part in (captions, plain))
            found.append(Example(indices, wordings, action, any_crop_fits, short, source, kind))
    return found


def _encoded(tokenizer: ConvTokenizer, motions: list[NDArray[np.float32]]) -> list[tuple[Tensor, ...]]:
    """Indices [token, c] of each motion [frame, 67] at each offset that leaves enough tokens.

    Motions of one length go through the encoder together: padding would change the indices at their ends.
    """
    alike: dict[int, list[tuple[int, int]]] = collections.defaultdict(list)
    for index, motion in enumerate(motions):
        for offset in _OFFSETS:
            tokens = (len(motion) - offset) // FRAMES_PER_TOKEN
            if tokens >= MIN_TOKENS:
                alike[tokens].append((index, offset))
    found: list[dict[int, Tensor]] = [{} for _ in motions]
    for tokens, places in tqdm(sorted(alike.items()), desc="encode", disable=None):
        for start in range(0, len(places), _ENCODED_AT_ONCE):
            part = places[start : start + _ENCODED_AT_ONCE]
            windows = [motions[index][offset : offset + tokens * FRAMES_PER_TOKEN] for index, offset in part]
            features = tokenizer.normalize(torch.from_numpy(np.stack(windows)).to(tokenizer.mean))
            indices = stored(tokenizer.quantize(features).indices, tokenizer.bottleneck.levels).cpu()
            for (index, offset), row in zip(part, indices, strict=True):
                found[index][offset] = row
    return [tuple(rows[offset] for offset in sorted(rows)) for rows in found]


def stored(indices: Tensor, levels: tuple[int, ...]) -> Tensor:
    """Indices in the smallest type that holds a bottleneck's `levels`: uint8, int16, or fp16 where the indices are latents."""
    if not levels:
        return indices.half()
    return indices.to(torch.uint8 if max(levels) <= 256 else torch.int16)


@dataclasses.dataclass(frozen=True)
class Batch:
    """indices [batch, token, c], int64 or float32; mask [batch, token]; text states and text_mask of the captions."""

    indices: Tensor
    mask: Tensor
    text: Tensor
    text_mask: Tensor


class BatchSampler:
    """Samples batches: actions balanced by the square root of their minutes, lengths alike within a batch."""

    def __init__(
        self,
        found: list[Example],
        captions: EncodedCaptions,
        balance: float = 0.5,
        most: int = MAX_TOKENS,
        plain: float = 0.5,
        mix: Mix | None = None,
    ) -> None:
        """`most` tokens an example gives; balance as in `dataset.balanced_chance`; `plain` is the share of short phrasings
        where an example has some; `mix` weighs sources and kinds."""
        self.found, self.captions, self.most, self.plain = found, captions, most, plain
        tokens = np.array([len(example.indices[0]) for example in found], float)
        if mix is None:
            self.chance = balanced_chance(tokens, [example.action for example in found], balance)
        else:
            kinds = [example.kind for example in found]
            # two concepts in a row count as the first: as classes of their own they would crowd out the single ones
            chance = balanced_chance(np.minimum(tokens, most), [kind.partition("+")[0] for kind in kinds], balance)
            self.chance = mix.weighed(chance, [example.source for example in found], kinds)

    def sample(self, rng: np.random.Generator, size: int) -> Batch:
        """One batch, its examples picked from a larger sample sorted by length, so that little is padding."""
        crops = [self._crop(index, rng) for index in rng.choice(len(self.found), size=size * _BUCKET, p=self.chance)]
        order = np.argsort([len(indices) for indices, _ in crops], kind="stable")
        first = int(rng.integers(_BUCKET)) * size
        chosen = [crops[index] for index in order[first : first + size]]
        indices = torch.nn.utils.rnn.pad_sequence([indices for indices, _ in chosen], batch_first=True)
        indices = indices.float() if indices.is_floating_point() else indices.long()
        mask = torch.arange(indices.shape[1]) < torch.tensor([len(indices) for indices, _ in chosen])[:, None]
        return Batch(indices, mask, *self.captions.batch([caption for _, caption in chosen]))

    def _crop(self, index: int, rng: np.random.Generator) -> tuple[Tensor, str]:
        example = self.found[index]
        indices = example.indices[int(rng.integers(len(example.indices)))]
        short = bool(example.plain) and rng.random() < self.plain
        captions = example.plain if short else example.captions
        caption = captions[int(rng.integers(len(captions)))]
        count = min(len(indices), self.most)
        if example.any_crop_fits and rng.random() < 0.5:
            count = int(rng.integers(min(count, 2 * MIN_TOKENS), count + 1))
        begin = int(rng.integers(len(indices) - count + 1)) if example.any_crop_fits else 0
        return indices[begin : begin + count], caption
