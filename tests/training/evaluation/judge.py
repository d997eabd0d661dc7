"""An evaluator without weights: texts and motions become numbers that a test can work out by hand."""

from __future__ import annotations

import zlib

import numpy as np

DIMS = 4


class Hashing:
    """A caption's vector follows from its words, a motion's from its mean pose and travel; it notes what it was shown."""

    def __init__(self):
        self.seen: list[list[np.ndarray]] = []

    def motion(self, features):
        self.seen.append(list(features))
        return np.array([[*clip[:, 1:4].mean(0), clip[:, 4:].std()] for clip in features], float)

    def text(self, captions):
        rngs = [np.random.default_rng(zlib.crc32(caption.encode())) for caption in captions]
        return np.array([rng.normal(size=DIMS) for rng in rngs])
