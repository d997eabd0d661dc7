"""A concept's check: a predicate on a body, and the labels of real takes by which the check itself is judged."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Sequence

import numpy as np

from training.prompt_suite.body import SIDES, Body, Side

Passes = Callable[[Body], bool]

_CUTS = 14
"""Places tried for a cut: every third of a second in a clip of five, which is finer than an action is long."""


@dataclasses.dataclass(frozen=True)
class Check:
    """One everyday concept.

    labels: takes that show it, by label; `_left` is the mirror image of `_right`; "a > b" shows a, then b.
    said: of those takes only such as this regular expression finds in their captions, where a label is broader.
    akin: labels whose takes may pass as well, since they show the same or a part of it.
    """

    concept: str
    passes: Passes
    labels: tuple[str, ...] = ()
    akin: tuple[str, ...] = ()
    said: str = ""

    def fits(self, captions: Sequence[str]) -> bool:
        """Whether a take's captions say what the check asks."""
        return not self.said or re.search(self.said, " / ".join(captions), re.IGNORECASE) is not None

    @property
    def sided(self) -> bool:
        """Whether the concept names one side: its mirror image must fail."""
        return any(f" {side}" in f" {self.concept}" for side in SIDES)


def both_sides(
    concept: str,
    passes: Callable[[Body, Side], bool],
    labels: tuple[str, ...] = (),
    akin: tuple[str, ...] = (),
    said: str = "",
) -> tuple[Check, Check]:
    """The checks of a concept for each side, `{}` standing for it in the concept, the labels and the akin ones."""
    left, right = (
        Check(
            concept.format(side),
            _of_side(passes, side),
            tuple(label.format(side) for label in labels),
            tuple(label.format(side) for label in akin),
            said,
        )
        for side in SIDES
    )
    return left, right


def in_order(first: Passes, second: Passes, least_s: float = 0.5) -> Passes:
    """Whether the clip can be cut so that its beginning passes `first` and its end `second`, each at least `least_s` long."""

    def passes(body: Body) -> bool:
        least = body.frames(least_s)
        cuts = np.unique(np.linspace(least, max(least, len(body) - least), _CUTS).round().astype(int))
        cuts = cuts[cuts <= len(body) - least]
        return any(first(body.part(0, cut)) and second(body.part(cut, len(body))) for cut in cuts)

    return passes


def _of_side(passes: Callable[[Body, Side], bool], side: Side) -> Callable[[Body], bool]:
    return lambda body: passes(body, side)
