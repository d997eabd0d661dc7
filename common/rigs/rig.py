"""The bones of a rig at rest, as the matcher sees them."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

_TOUCHING = 0.15
"""Of a bone's length: what begins nearer to its end begins there."""
_SHORTEST, _ON = 0.6, 0.5
"""A shin is at least that part of its thigh, and the other way round, and goes on as it does up to 60 degrees (cosine)."""


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

    def may_follow(self, bone: int, above: int) -> bool:
        """Whether a bone may begin where `above` ends although nothing tells where that is: importers of glTF make up tails.

        A foot that IK brings to a shin is about a thigh's length from the knee and beyond it. Only its name can make this certain.
        """
        parent = self.parents[above]
        if parent < 0 or self.children[above] or bone == above or bone in self.ancestors(above):
            return False
        before, on = self.heads[above] - self.heads[parent], self.heads[bone] - self.heads[above]
        lengths = float(np.linalg.norm(before)), float(np.linalg.norm(on))
        if not 0.0 < _SHORTEST * lengths[0] < lengths[1] < lengths[0] / _SHORTEST:
            return False
        return float(before @ on) > _ON * lengths[0] * lengths[1]
