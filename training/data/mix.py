"""What a batch is made of: shares of sources, factors of concepts and actions.

A JSON file `{"sources": {"synthetic": 0.1}, "kinds": {"sit_down": 2.0, "action:walk": 0.5}}`: of all samples a tenth is from that source, the
other sources keep their proportions; spans that show `sit_down`, and those of the action `walk` that show no labelled
concept, are drawn twice and half as often. A source may also be `composed`, `turned` or `stretched`, the examples that training makes.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from common import checks
from common.errors import InputError

_check_share = checks.number(0, 1)
_check_factor = checks.number(0, 100)


@dataclasses.dataclass(frozen=True)
class Mix:
    """Shares of all samples by source, and factors by kind: a concept, two joined by `+`, or an action (`action:walk`)."""

    sources: dict[str, float] = dataclasses.field(default_factory=dict)
    kinds: dict[str, float] = dataclasses.field(default_factory=dict)

    def weighed(self, chance: NDArray[np.float64], sources: Sequence[str], kinds: Sequence[str]) -> NDArray[np.float64]:
        """Chances [example] with their examples' sources and kinds -> chances that keep to the mix.

        Two concepts one after the other have the mean of both factors. InputError where nothing is left to draw.
        """
        factors = [np.mean([self.kinds.get(kind, 1.0) for kind in both.split("+")]) for both in kinds]
        weight = chance * np.array(factors)
        of_source = np.array(list(sources))
        rest = ~np.isin(of_source, list(self.sources))
        groups = [(of_source == source, share) for source, share in self.sources.items()]
        groups = [(group, share) for group, share in groups if weight[group].sum() > 0]
        left = 1.0 - sum(share for _, share in groups)
        weighed = np.zeros_like(weight)
        for group, share in [*groups, (rest, left)]:
            if weight[group].sum() > 0:
                weighed[group] = weight[group] / weight[group].sum() * share
        if weighed.sum() <= 0:
            raise InputError("mix", self.sources, "shares and factors that leave something to draw")
        return weighed / weighed.sum()


def read(path: Path) -> Mix:
    """The mix of a file; InputError where it cannot be read, or names a share that is none."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError("mix", str(path), "a readable JSON file") from error
    found = checks.json_object(path.name, content)
    if unknown := sorted(found.keys() - {"sources", "kinds"}):
        raise InputError(f"{path.name} key", unknown[0], "sources or kinds")
    parts = {name: checks.json_object(f"{path.name}: {name}", found.get(name, {})) for name in ("sources", "kinds")}
    for name, value in parts["sources"].items():
        _check_share(f"{path.name}: sources.{name}", value)
    for name, value in parts["kinds"].items():
        _check_factor(f"{path.name}: kinds.{name}", value)
    if (total := sum(parts["sources"].values())) > 1:
        raise InputError(f"{path.name}: sources", total, "shares of 1 in all")
    return Mix(**parts)
