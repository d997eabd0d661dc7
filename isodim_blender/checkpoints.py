"""Which weights there are and under which licence: read from their folders before the backend runs, from it afterwards; no bpy."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from ..contract import messages

DEFAULT = "DEFAULT"
"""Stands for the backend's own choice, which is the first it reports, and `open`, the first by name, before it runs."""


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """One set of weights, as the panel shows it."""

    name: str
    title: str
    licence: str


def bundled(root: Path) -> tuple[Checkpoint, ...]:
    """The checkpoints in the extension folder `root`, by name; a folder whose config.json cannot be read is left out."""
    found = []
    for config in sorted((root / "backend" / "weights").glob("*/config.json")):
        try:
            facts = json.loads(config.read_text("utf-8"))
            name = config.parent.name
            found.append(
                Checkpoint(name, str(facts.get("title", name)), str(facts.get("licence", "see its model card")))
            )
        except (OSError, ValueError, AttributeError):
            continue
    return tuple(found)


def reported(initialized: messages.Initialized) -> tuple[Checkpoint, ...]:
    """The checkpoints that a running backend says it has."""
    return tuple(Checkpoint(info.name, info.title, info.licence) for info in initialized.checkpoints)
