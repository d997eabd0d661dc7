"""The suite's prompts: for each concept one plain wording and others, which share few words with it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from common.errors import InputError

BUNDLED = Path(__file__).with_name("prompts.jsonl")
NAMED_SIDES = tuple(
    what.format(side)
    for what in ("turn {}", "wave with the {} hand", "kick with the {} leg", "raise the {} arm", "step to the {}")
    for side in ("left", "right")
)
"""Concepts that name a side, one for each part of the body: whether a clip keeps to it shows in ten seeds of each."""


@dataclasses.dataclass(frozen=True)
class Concept:
    """A concept by its check's name, in plain words and in others."""

    name: str
    plain: str
    other: tuple[str, ...]

    @property
    def wordings(self) -> tuple[str, ...]:
        """All of them, the plain one first."""
        return (self.plain, *self.other)


def read(path: Path) -> tuple[Concept, ...]:
    """The concepts of JSON lines `{"concept": ..., "plain": ..., "other": [...]}`; InputError naming the line that is wrong."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("prompts", str(path), f"a text file that can be read ({error})") from None
    found: dict[str, Concept] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        concept = _concept(line, f"{path.name} line {number}")
        if concept.name in found:
            raise InputError(f"{path.name} line {number}, concept", concept.name, "each concept once")
        found[concept.name] = concept
    if not found:
        raise InputError("prompts", str(path), "at least one concept")
    return tuple(found.values())


def _concept(line: str, where: str) -> Concept:
    allowed = 'an object {"concept": text, "plain": text, "other": [text, ...]}'
    try:
        row = json.loads(line)
    except ValueError:
        raise InputError(where, line[:80], allowed) from None
    if not isinstance(row, dict) or set(row) != {"concept", "plain", "other"} or not isinstance(row["other"], list):
        raise InputError(where, line[:80], allowed)
    wordings = [row["concept"], row["plain"], *row["other"]]
    if not all(isinstance(text, str) and text.strip() for text in wordings):
        raise InputError(where, line[:80], allowed)
    return Concept(row["concept"], row["plain"], tuple(row["other"]))
