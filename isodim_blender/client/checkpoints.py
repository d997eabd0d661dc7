"""Which weights there are and under which licence: read from their folders before the backend runs, from it afterwards; no bpy."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from ...common.files import read_small
from ...common.wire import messages

DEFAULT = "DEFAULT"
"""Stands for the backend's own choice, which is the first it reports, and `open`, the first by name, before it runs."""

_SHOWN = 200


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """One set of weights, as the panel shows it."""

    name: str
    title: str
    licence: str


def on_disk(root: Path, folder: str = "") -> tuple[Checkpoint, ...]:
    """The checkpoints in the extension folder `root`, by name, then those in the person's `folder`, empty for none.

    A checkpoint whose config.json cannot be read is left out; of two with one name the person's counts, as for the backend.
    """
    found: dict[str, Checkpoint] = {}
    for place in [root / "backend" / "weights", *([Path(folder)] if folder else [])]:
        for config in sorted(place.glob("*/config.json")):
            try:
                facts = json.loads(read_small(config))
                name = str(facts.get("name", config.parent.name))[:_SHOWN]
                licence = str(facts.get("licence", "see its model card"))[:_SHOWN]
                found[name] = Checkpoint(name, str(facts.get("title", name))[:_SHOWN], licence)
            except (OSError, ValueError, AttributeError, RecursionError):
                continue
    return tuple(found.values())


def reported(initialized: messages.Initialized) -> tuple[Checkpoint, ...]:
    """The checkpoints that a running backend says it has."""
    return tuple(Checkpoint(info.name, info.title, info.licence) for info in initialized.checkpoints)
