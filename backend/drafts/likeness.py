"""How like the labelled takes of an action a clip is, of drafts that all meet the action's requirements.

A requirement has its threshold where nearly all takes of an action pass; beyond that it tells nothing. Here six facts of each
action are weighed so that takes of it, recorded and drafted again by the network, stand out among takes of all others:
ridge regression on the facts' ranks, the facts chosen one after another by what they add (`training.likeness`).
"""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from common.errors import InputError

FILE = Path(__file__).with_name("likeness.json")
Of = Literal["side", "other", "most", "least", "all"]
"""Whose, of a fact of each side: the action's own side, the other one, the larger or the smaller number; `all` of a fact without sides."""


class Known(Protocol):
    """What has facts: `backend.drafts.facts.Facts`."""

    def fact(self, name: str) -> object:
        """A number, or one a side."""
        ...


@dataclasses.dataclass(frozen=True)
class Term:
    """A fact's weight. ranks: its values at equal steps of rank among all labelled takes, from the least to the most."""

    fact: str
    of: Of
    weight: float
    ranks: tuple[float, ...]

    def value(self, facts: Known, side: int) -> float:
        """-weight..weight."""
        found = read(facts.fact(self.fact), self.of, side)
        return self.weight * (2.0 * float(np.interp(found, self.ranks, np.linspace(0.0, 1.0, len(self.ranks)))) - 1.0)


@dataclasses.dataclass(frozen=True)
class Likeness:
    """Of one action: about 1 for its own takes, 0 for others'."""

    bias: float
    terms: tuple[Term, ...]

    def value(self, facts: Known, side: int) -> float:
        """0..1."""
        return min(1.0, max(0.0, self.bias + sum(term.value(facts, side) for term in self.terms)))


def read(fact: object, of: Of, side: int) -> float:
    """One number of a fact."""
    left, right = np.broadcast_to(np.asarray(fact, float), 2)
    match of:
        case "most":
            return float(max(left, right))
        case "least":
            return float(min(left, right))
        case "other":
            return float((right, left)[side])
    return float((left, right)[side])


@functools.cache
def load(path: Path = FILE) -> Mapping[str, Likeness]:
    """Action -> its likeness, where enough takes are labelled; InputError when the file is not whole."""
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
        ranks = {name: tuple(map(float, values)) for name, values in described["ranks"].items()}
        return {
            action: Likeness(float(row["bias"]), tuple(_term(one, ranks) for one in row["terms"]))
            for action, row in described["actions"].items()
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError("likeness", str(path), "the extension's own files: install it again") from error


def _term(row: Sequence[str | float], ranks: Mapping[str, tuple[float, ...]]) -> Term:
    name, weight = str(row[0]), float(row[1])
    fact, _, of = name.partition(" ")
    return Term(fact, of, weight, ranks[name])  # type: ignore[arg-type]
