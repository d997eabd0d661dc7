"""Tables to the terminal and, with their numbers and pictures, to a folder."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import plots
from .table import Row, markdown


def plain(settings: Any) -> dict[str, object]:
    """A frozen settings value as JSON can hold it."""
    return json.loads(json.dumps(dataclasses.asdict(settings), default=str))


class EvaluationReport:
    """Grows table by table; each is printed when it is added, and written if there is a folder for it."""

    def __init__(self, settings: Any, out: Path | None) -> None:
        self.settings, self.out = settings, out
        self.pages: list[str] = []
        self.tables: dict[str, dict[str, object]] = {}

    def add(self, title: str, subject: str, rows: Sequence[Row], note: str) -> None:
        """Prints a table of a subject with its note and, with a folder, writes all, pictures too, that is known so far."""
        table = f"{markdown(subject, rows)}\n\n{note}\n"
        print(f"\n## {title}\n\n{table}", flush=True)
        self.pages.append(f"## {title}\n\n{table}")
        self.tables[title] = {"subject": subject, "rows": [row.json() for row in rows]}
        if self.out is None:
            return
        self.out.mkdir(parents=True, exist_ok=True)
        (self.out / "results.md").write_text("\n".join(self.pages), "utf-8")
        kept = {"settings": plain(self.settings), "tables": self.tables}
        (self.out / "results.json").write_text(json.dumps(kept, indent=1) + "\n")
        names = list(dict.fromkeys(name for row in rows for name in row.metrics))
        plots.bars(rows, names, self.out / f"{title.lower().replace(' ', '_')}.png")
