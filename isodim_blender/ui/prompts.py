"""The prompts a person used last, kept in one small JSON file, and a few that work; no bpy."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from ...common.files import read_small

MOST = 20
"""Prompts that are remembered."""

EXAMPLE, EDIT_EXAMPLE, STRIP_EXAMPLE = (
    "a person walks forward and waves",
    "a person waves with both arms",
    "a person walks forward",
)
"""What stands in an empty field."""

PRESETS: dict[str, tuple[str, ...]] = {
    "Walk and run": (
        "a person walks forward",
        "a person walks backwards",
        "a person runs forward",
        "a person walks forward exhaustedly",
    ),
    "Turn": ("a person walks and turns left", "a person turns right", "a person turns around"),
    "Arms": (
        EXAMPLE,
        EDIT_EXAMPLE,
        "a person waves the right hand",
        "a person waves the left hand",
        "a person raises both arms",
        "a person points to the left",
        "a person throws a ball",
    ),
    "Whole body": (
        "a person jumps",
        "a person kicks",
        "a person punches",
        "a person sits down",
        "a person crouches",
        "a person bows",
        "a person dances",
    ),
    "One after the other": ("a person walks, then sits down", "a person runs forward, then jumps"),
}
"""What the default checkpoint does with any seed that was tried: kind -> prompts."""


@dataclasses.dataclass
class History:
    """The last prompts, newest first, in memory once `load` has read them; `add` writes through to `path`."""

    path: Path
    prompts: tuple[str, ...] = ()

    def load(self) -> None:
        """Reads the file; one that is missing or damaged counts as empty, for it is only a convenience."""
        try:
            value = json.loads(read_small(self.path))
        except (OSError, ValueError, RecursionError):
            value = None
        self.prompts = tuple(one for one in value if isinstance(one, str))[:MOST] if isinstance(value, list) else ()

    def add(self, prompt: str) -> None:
        """Puts the prompt on top, once; OSError if the file cannot be written."""
        prompt = prompt.strip()
        if not prompt or prompt == next(iter(self.prompts), None):
            return
        self.prompts = (prompt, *(one for one in self.prompts if one != prompt))[:MOST]
        self._write()

    def clear(self) -> None:
        """Forgets all; OSError if the file cannot be written."""
        self.prompts = ()
        self._write()

    def _write(self) -> None:
        beside = self.path.with_suffix(".new")
        beside.write_text(json.dumps(self.prompts, ensure_ascii=False, indent=1), encoding="utf-8")
        beside.replace(self.path)
