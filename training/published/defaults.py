"""The guide's table of differing defaults, made from the fields: `python -m training.published.defaults`."""

from __future__ import annotations

import dataclasses
from typing import Any

from .lines import LINES

COMMANDS = {
    "train_Tokenizer, train_AE": "train_Tokenizer",
    "train_IsoDiM": "train_IsoDiM",
    "train_MARDM": "train_MARDM",
}
"""Columns, and the command whose defaults each shows."""
_NAMES = ("model", "tokenizer_name", "tokenizer_model")
"""What a command is about is no setting of it."""


def table() -> str:
    """Markdown: a row for each flag whose default is another one in a published command."""
    found: dict[str, dict[str, str]] = {}
    ours: dict[str, str] = {}
    for title, command in COMMANDS.items():
        settings = LINES[command].default
        for field in dataclasses.fields(settings):
            value = getattr(settings, field.name)
            if field.default is dataclasses.MISSING or field.name in _NAMES or value == field.default:
                continue
            found.setdefault(field.name, {})[title] = shown(value)
            ours[field.name] = shown(field.default)
    lines = [f"| flag | here | {' | '.join(COMMANDS)} |", f"|---|---|{'---|' * len(COMMANDS)}"]
    for name, columns in found.items():
        lines.append(f"| `--{name}` | {ours[name]} | {' | '.join(columns.get(title, '') for title in COMMANDS)} |")
    return "\n".join(lines)


def shown(value: Any) -> str:
    """A value as a command line has it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return " ".join(map(str, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    print(table())
