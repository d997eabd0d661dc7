"""What is said of an Action."""

from __future__ import annotations

import bpy

from . import facts


def captions_of(action: bpy.types.Action) -> list[str]:
    """The Action's captions, one a line; of a generated Action without any, its prompt."""
    lines = [line for caption in action.isodim.captions for line in caption.text.splitlines()]
    if not any(line.strip() for line in lines):
        lines = str(action.get(f"{facts.PREFIX}prompt", "")).splitlines()
    return [" ".join(line.split()) for line in lines if line.strip()]
