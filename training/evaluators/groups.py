"""Which captioned motions mean the same: they may not count as wrong answers for each other.

Corpora made from labels hold many takes of one label, worded by a few templates, each take with its own pick of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def caption_groups(captions: Sequence[Sequence[str]]) -> NDArray[np.int64]:
    """A group number [motion] for each motion's captions: motions with a caption in common are alike, and what is alike
    to the same motion is alike (connected components by union-find). Case and full stops do not count."""
    parent = list(range(len(captions)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    first: dict[str, int] = {}
    for index, row in enumerate(captions):
        for caption in row:
            key = caption.lower().strip(" .")
            parent[root(index)] = root(first.setdefault(key, index))
    return np.unique([root(index) for index in range(len(captions))], return_inverse=True)[1].astype(np.int64)
