"""Figures with their intervals, as rows of a Markdown table and of a JSON file."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from training.metrics.intervals import Repeated


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of a table; `real` says that it describes captured motion."""

    name: str
    figures: Mapping[str, Repeated]
    real: bool = False

    def extended(self, more: Mapping[str, float]) -> Row:
        """The row with further figures without intervals."""
        return Row(self.name, {**self.figures, **single("", more).figures}, self.real)

    def json(self) -> dict[str, object]:
        """What results.json holds of it; no number is written as NaN."""
        figures = {
            name: {"mean": _number(figure.mean), "margin95": _number(figure.margin), "repeats": figure.repeats}
            for name, figure in self.figures.items()
        }
        return {"name": self.name, "real": self.real, "figures": figures}


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def means(name: str, clips: Iterable[Mapping[str, float]], real: bool = False) -> Row:
    """A row of plain means over clips."""
    rows = list(clips)
    return single(name, {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}, real)


def single(name: str, figures: Mapping[str, float], real: bool = False) -> Row:
    """A row of figures without intervals."""
    return Row(name, {key: Repeated(value, math.nan, 1) for key, value in figures.items()}, real)


def shown(figure: Repeated | None) -> str:
    """Three significant digits and the interval to the same place: `0.512 ± 0.004`; counts as they are; `-` for nothing."""
    if figure is None or not math.isfinite(figure.mean):
        return "-"
    if abs(figure.mean) >= 2 and figure.mean == round(figure.mean) and not math.isfinite(figure.margin):
        return f"{figure.mean:.0f}"
    digits = 2 - math.floor(math.log10(abs(figure.mean))) if figure.mean else 2
    places = min(max(digits, 0), 4)
    mean = f"{figure.mean:.{places}f}"
    return mean if not math.isfinite(figure.margin) else f"{mean} ± {figure.margin:.{places}f}"


def markdown(title: str, rows: Sequence[Row]) -> str:
    """The table; its columns are all figures in the order in which the rows bring them."""
    names = list(dict.fromkeys(name for row in rows for name in row.figures))
    lines = [f"| {title} | {' | '.join(names)} |", f"|---|{'---:|' * len(names)}"]
    lines += [f"| {row.name} | {' | '.join(shown(row.figures.get(name)) for name in names)} |" for row in rows]
    return "\n".join(lines)
