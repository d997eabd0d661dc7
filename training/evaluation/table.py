"""Metrics with their intervals, as rows of a Markdown table and of a JSON file."""

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
    metrics: Mapping[str, Repeated]
    real: bool = False

    def extended(self, more: Mapping[str, float]) -> Row:
        """The row with further metrics without intervals."""
        return Row(self.name, {**self.metrics, **single("", more).metrics}, self.real)

    def json(self) -> dict[str, object]:
        """What results.json holds of it; no number is written as NaN."""
        metrics = {
            name: {"mean": _number(metric.mean), "margin95": _number(metric.margin), "repeats": metric.repeats}
            for name, metric in self.metrics.items()
        }
        return {"name": self.name, "real": self.real, "figures": metrics}


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def means(name: str, clips: Iterable[Mapping[str, float]], real: bool = False) -> Row:
    """A row of plain means over clips."""
    rows = list(clips)
    return single(name, {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}, real)


def single(name: str, metrics: Mapping[str, float], real: bool = False) -> Row:
    """A row of metrics without intervals."""
    return Row(name, {key: Repeated(value, math.nan, 1) for key, value in metrics.items()}, real)


def shown(metric: Repeated | None) -> str:
    """Three significant digits and the interval to the same place: `0.512 ± 0.004`; counts as they are; `-` for nothing."""
    if metric is None or not math.isfinite(metric.mean):
        return "-"
    if abs(metric.mean) >= 2 and metric.mean == round(metric.mean) and not math.isfinite(metric.margin):
        return f"{metric.mean:.0f}"
    digits = 2 - math.floor(math.log10(abs(metric.mean))) if metric.mean else 2
    places = min(max(digits, 0), 4)
    mean = f"{metric.mean:.{places}f}"
    return mean if not math.isfinite(metric.margin) else f"{mean} ± {metric.margin:.{places}f}"


def markdown(title: str, rows: Sequence[Row]) -> str:
    """The table; its columns are all metrics in the order in which the rows bring them."""
    names = list(dict.fromkeys(name for row in rows for name in row.metrics))
    lines = [f"| {title} | {' | '.join(names)} |", f"|---|{'---:|' * len(names)}"]
    lines += [f"| {row.name} | {' | '.join(shown(row.metrics.get(name)) for name in names)} |" for row in rows]
    return "\n".join(lines)
