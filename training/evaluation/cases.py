"""What a generator is asked for and judged by: the captioned spans of a split, their mirror images, their real motion."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from backend.motion.features import mirror
from backend.tokenizers.coder import FRAMES_PER_TOKEN
from common.errors import InputError
from common.wire.requests import MAX_PROMPT
from training.data.captions import mirrored
from training.data.dataset import Prepared

MIN_FRAMES, MAX_FRAMES = 20, 196
"""Shorter motions say too little; longer ones are cut to what evaluators and generators were trained on."""


@dataclasses.dataclass(frozen=True)
class Case:
    """One captioned motion: features [frame, 67] as captured, a whole number of tokens long."""

    captions: tuple[str, ...]
    features: NDArray[np.float32]
    flipped: bool

    @property
    def tokens(self) -> int:
        """Length of the clip that stands beside it."""
        return len(self.features) // FRAMES_PER_TOKEN


def cases(data: Prepared, *, flips: bool, limit: int | None = None, shortest: int = MIN_FRAMES) -> list[Case]:
    """The spans of at least `shortest` frames, `limit` of them spread over the split; then, with `flips`, their mirror images."""
    spans = [span for span in data.spans if span.frames >= shortest]
    if not spans:
        raise InputError(
            "dataset_dir", f"a split without a span of {shortest} frames", "captioned motion to compare with"
        )
    if limit is not None:
        picks = np.linspace(0, len(spans) - 1, min(limit, len(spans))).round().astype(int)
        spans = [spans[pick] for pick in picks]
    found = []
    for span in spans:
        frames = min(span.frames, MAX_FRAMES) // FRAMES_PER_TOKEN * FRAMES_PER_TOKEN
        words = tuple(caption[:MAX_PROMPT] for caption in span.captions)
        found.append(Case(words, data.window(span.start, frames, False), False))
    if flips:
        found += [Case(tuple(map(mirrored, case.captions)), mirror(case.features), True) for case in found]
    return found


def wordings(found: list[Case], rng: np.random.Generator) -> list[str]:
    """One caption of each case, by chance."""
    return [case.captions[int(rng.integers(len(case.captions)))] for case in found]
