"""The bones of a rig at rest, as the matcher sees them."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

_TOUCHING = 0.15
"""Of a bone's length: what begins nearer to its end begins there."""


@dataclasses.dataclass(frozen=True)
class Rig:
    """A hierarchy of bones at rest, parents before children.

    names: [bone], distinct; parents: [bone], index of the parent, -1 for a root.
    heads, tails: [bone, 3], where each bone begins and ends, in any unit and any orientation.
    goals: bone -> the bone that it reaches for by IK. skinned: bones that a mesh hangs on; None if no mesh does.
    """

    names: tuple[str, ...]
    parents: tuple[int, ...]
    heads: NDArray[np.float64]
    tails: NDArray[np.float64]
    goals: Mapping[int, int] = dataclasses.field(default_factory=dict)
    skinned: frozenset[int] | None = None

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

    def follows(self, bone: int, above: int) -> bool:
        """Whether a bone hangs on another one, or begins where that ends without hanging on it: a foot that IK reaches for."""
        if above in self.ancestors(bone):
            return True
        if bone == above or bone in self.ancestors(above):
            return False
        if self.goals.get(above) == bone:
            return True
        length = float(np.linalg.norm(self.tails[above] - self.heads[above]))
        leaves = [self.heads[child] for child in self.children[above] if not self.children[child]]
        apart = min(float(np.linalg.norm(self.heads[bone] - end)) for end in (self.tails[above], *leaves))
        return apart < _TOUCHING * length
