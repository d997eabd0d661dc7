"""Figures with their intervals, as rows of a Markdown table and of a JSON file."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np


@dataclasses.dataclass(frozen=True)
class Figure:
    """A mean over repeats or clips; `interval` is half the width of its 95 % interval, NaN where there is none."""

    mean: float
    interval: float = math.nan


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of a table; `real` says that it describes captured motion."""

    name: str
    figures: Mapping[str, Figure]
    real: bool = False

    def json(self) -> dict[str, object]:
        """What results.json holds of it; no number is written as NaN."""
        figures = {
            name: {"mean": _number(figure.mean), "interval95": _number(figure.interval)}
            for name, figure in self.figures.items()
        }
        return {"name": self.name, "real": self.real, "figures": figures}


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def means(name: str, clips: Iterable[Mapping[str, float]], real: bool = False) -> Row:
    """A row of plain means over clips."""
    rows = list(clips)
    return Row(name, {key: Figure(float(np.mean([row[key] for row in rows]))) for key in rows[0]}, real)


def shown(figure: Figure | None) -> str:
    """Three significant digits and the interval to the same place: `0.512 ± 0.004`; `-` for nothing."""
    if figure is None or not math.isfinite(figure.mean):
        return "-"
    digits = 2 - math.floor(math.log10(abs(figure.mean))) if figure.mean else 2
    places = min(max(digits, 0), 4)
    mean = f"{figure.mean:.{places}f}"
    return mean if not math.isfinite(figure.interval) else f"{mean} ± {figure.interval:.{places}f}"


def markdown(title: str, rows: Sequence[Row]) -> str:
    """The table; its columns are all figures in the order in which the rows bring them."""
    names = list(dict.fromkeys(name for row in rows for name in row.figures))
    lines = [f"| {title} | {' | '.join(names)} |", f"|---|{'---:|' * len(names)}"]
    lines += [f"| {row.name} | {' | '.join(shown(row.figures.get(name)) for name in names)} |" for row in rows]
    return "\n".join(lines)
