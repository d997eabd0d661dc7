"""Pictures of curves and of result tables, made without a display."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from common.errors import InputError

from .curves import Curve, smoothed
from .table import Row

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Picture

_COLUMNS = 3
_PANEL_INCHES = (4.6, 3.0)
"""Three panels are as wide as a page."""
_DPI = 130


def _panels(count: int) -> tuple[Picture, list[Any]]:
    """A picture with `count` axes in rows of three; it needs no display and keeps no state in pyplot."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Picture

    columns = min(_COLUMNS, count)
    rows = math.ceil(count / columns)
    picture = Picture(figsize=(_PANEL_INCHES[0] * columns, _PANEL_INCHES[1] * rows), layout="constrained")
    FigureCanvasAgg(picture)
    axes = list(picture.subplots(rows, columns, squeeze=False).flat)
    for axis in axes[count:]:
        axis.remove()
    return picture, axes[:count]


def _write(picture: Picture, out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    picture.savefig(out, dpi=_DPI)


def curves(
    runs: Mapping[str, Mapping[str, Curve]],
    names: Sequence[str],
    out: Path,
    *,
    smooth: float,
    against: str = "step",
    log_scale: bool = False,
) -> None:
    """One panel for each of `names`, one colour for each run, over updates or wall seconds; written to `out`."""
    picture, axes = _panels(len(names))
    for axis, name in zip(axes, names, strict=True):
        for place, (label, found) in enumerate(runs.items()):
            if name not in found:
                continue
            curve, colour = found[name], f"C{place % 10}"
            x = curve.seconds if against == "seconds" else curve.steps
            if x is None:
                raise InputError("against", against, f"step: {label} has no wall times in its log")
            if smooth:
                axis.plot(x, curve.values, color=colour, alpha=0.2, linewidth=0.8)
            axis.plot(x, smoothed(curve.values, smooth), color=colour, label=label)
        axis.set_title(name)
        axis.set_xlabel("updates" if against == "step" else "seconds")
        axis.set_yscale("log" if log_scale else "linear")
        axis.grid(alpha=0.3)
    axes[0].legend(fontsize="small")
    _write(picture, out)


def bars(rows: Sequence[Row], names: Sequence[str], out: Path) -> None:
    """One panel for each metric, one bar with its interval for each row; rows of real data are hatched."""
    picture, axes = _panels(len(names))
    places = np.arange(len(rows))[::-1]
    for index, (axis, name) in enumerate(zip(axes, names, strict=True)):
        for place, row in zip(places, rows, strict=True):
            if name in row.metrics:
                metric = row.metrics[name]
                spread = metric.margin if math.isfinite(metric.margin) else 0.0
                hatch = "//" if row.real else ""
                axis.barh(place, metric.mean, xerr=spread, color="C0", alpha=0.7, hatch=hatch)
        first = index % _COLUMNS == 0  # the rows are the same in every panel
        axis.set_yticks(places, [row.name for row in rows] if first else [], fontsize="small")
        axis.set_ylim(-0.6, len(rows) - 0.4)
        axis.set_title(name)
    _write(picture, out)
