"""The same motion slower or faster, told so: corpora hardly ever say at what pace an everyday action is done."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .dataset import Prepared, Span, played

_PACES = {"slowly": (0.67, 0.8), "quickly": (1.25, 1.5)}
"""Factors of the pace that an adverb stands for; beyond 1.5 neither way looks like a person."""
_TOLD = (
    "slow",
    "fast",
    "quick",
    "rapid",
    "hurr",
    "brisk",
    "sprint",
    "speed",
    "leisure",
    "gentl",
    "jump",
    "hop",
    "fall",
    "leap",
    "flip",
)
"""Words of captions that already tell a pace, or a flight, whose pace is gravity's."""
_MIN_FRAMES, _MAX_FRAMES = 24, 160
_MOST_WORDS = 9
"""Longest caption that takes an adverb at its end: in a longer one it would belong to the last clause alone."""


def stretches(data: Prepared, count: int, rng: np.random.Generator) -> list[tuple[NDArray[np.float32], str, Span]]:
    """`count` examples of features [frame, d], caption and the span they are made of; none where no caption takes an adverb."""
    usable = [(span, captions) for span in data.spans if (captions := _captions(span))]
    made = []
    for _ in range(count if usable else 0):
        span, captions = usable[rng.integers(len(usable))]
        adverb = tuple(_PACES)[rng.integers(len(_PACES))]
        features = played(data.window(span.start, span.frames, False), float(rng.uniform(*_PACES[adverb])))
        made.append((features, f"{captions[rng.integers(len(captions))]} {adverb}", span))
    return made


def _captions(span: Span) -> list[str]:
    """The span's captions and plain phrasings that an adverb may follow; none of those where one tells of pace or flight."""
    texts = [*span.captions, *span.plain]
    if not _MIN_FRAMES <= span.frames <= _MAX_FRAMES or any(word in text.lower() for text in texts for word in _TOLD):
        return []
    return [
        text for text in texts
        if len(text.split()) <= _MOST_WORDS and text[-1].isalpha() and " and " not in text and "," not in text
    ]  # fmt: skip
