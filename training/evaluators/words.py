"""Words without a vocabulary: hashed character n-grams (Bojanowski et al., TACL 2017, section 3.2).

A word never seen in training still shares n-grams with those that were, and there is no word list to keep.
"""

from __future__ import annotations

import functools
import re
import zlib

import torch
from torch import Tensor

BUCKETS = 8192
MAX_WORDS = 48
_WORD = re.compile(r"[a-z0-9]+")
_LENGTHS = (3, 4, 5)


@functools.cache
def buckets(word: str) -> tuple[int, ...]:
    """Buckets of a word: of the whole word between its bounds, and of its n-grams of 3 to 5 characters."""
    bounded = f"<{word}>"
    grams = {bounded} | {
        bounded[start : start + length] for length in _LENGTHS for start in range(len(bounded) - length + 1)
    }
    return tuple(zlib.crc32(gram.encode()) % BUCKETS for gram in sorted(grams))


def bags(captions: list[str]) -> tuple[Tensor, Tensor, Tensor]:
    """Captions as bags for an `EmbeddingBag`: buckets [all], offsets [batch * word] and mask [batch, word].

    Words are lower-cased runs of letters and digits, the first 48 of a caption; a place without a word is an empty bag.
    """
    rows = [_WORD.findall(caption.lower())[:MAX_WORDS] for caption in captions]
    longest = max(1, *(len(row) for row in rows))
    flat: list[int] = []
    offsets = []
    for row in rows:
        for place in range(longest):
            offsets.append(len(flat))
            if place < len(row):
                flat.extend(buckets(row[place]))
    # a caption without a word still attends to one empty place
    mask = torch.arange(longest) < torch.tensor([max(1, len(row)) for row in rows])[:, None]
    return torch.tensor(flat, dtype=torch.long), torch.tensor(offsets, dtype=torch.long), mask
