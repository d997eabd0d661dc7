"""The bones of a rig at rest, as the matcher sees them."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
from numpy.typing import NDArray


@dataclasses.dataclass(frozen=True)
class Rig:
    """A hierarchy of bones at rest, parents before children.

    names: [bone], distinct; parents: [bone], index of the parent, -1 for a root.
    heads, tails: [bone, 3], where each bone begins and ends, in any unit and any orientation.
    """

    names: tuple[str, ...]
    parents: tuple[int, ...]
    heads: NDArray[np.float64]
    tails: NDArray[np.float64]

    @functools.cached_property
    def index(self) -> dict[str, int]:
        """Name -> index."""
        return {name: bone for bone, name in enumerate(self.names)}

    @functools.cached_property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """[bone] -> its children."""
        found: list[list[int]] = [[] for _ in self.names]
        for bone, parent in enumerate(self.parents):
            if parent >= 0:
                found[parent].append(bone)
        return tuple(map(tuple, found))

    def ancestors(self, bone: int) -> list[int]:
        """The bones above, the nearest first."""
        found = []
        while (bone := self.parents[bone]) >= 0:
            found.append(bone)
        return found
