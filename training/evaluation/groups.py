"""Clips by what their licences allow."""

from __future__ import annotations

from collections.abc import Sequence

from training.data.licences import forbids_commercial_use


def licence_groups(licences: Sequence[str]) -> dict[str, list[int]]:
    """Places of all clips; of the `open` ones, whose licence does not forbid commercial use; and of each licence's.

    `open` stands only where some clips are not, a licence only where there are several.
    """
    every = range(len(licences))
    found = {"all": list(every)}
    open_ones = [place for place in every if not forbids_commercial_use(licences[place])]
    if 0 < len(open_ones) < len(licences):
        found["open"] = open_ones
    named = sorted(set(licences))
    if len(named) > 1:
        found |= {name: [place for place in every if licences[place] == name] for name in named}
    return found
