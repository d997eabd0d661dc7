"""How fast and how calmly runs learn: `python -m training.compare_runs --runs RUN_A RUN_B --metric loss --out FOLDER`.

Losses of different families have different scales, so each run is measured against its own improvement: the updates and
wall seconds to given shares of it, the spread around the smoothed curve, and gradient norms where they were logged.
A metric that all runs share, such as val_mpjpe_mm, is also timed to one common goal: the worst of the last values.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from common.errors import InputError
from common.files import require_folder

from .engine.command import run
from .evaluation import plots
from .evaluation.convergence import convergence, first_at, gradient, stability
from .evaluation.curves import Curve, labels, read_log, smoothed
from .evaluation.table import Row, markdown, single

_FEWEST = 4


@dataclasses.dataclass(frozen=True)
class CompareSettings:
    """What to compare."""

    runs: tuple[Path, ...]
    """Run folders; each holds a log.jsonl."""
    metric: str = "loss"
    shared_goal: bool = False
    """The metric means the same in all runs: also time them to the worst of their last values."""
    shares: tuple[float, ...] = (0.5, 0.9, 0.99)
    smooth: float = 0.9
    out: Path | None = None
    """Folder for compare.md and compare.png; none only prints."""


def row(name: str, found: dict[str, Curve], settings: CompareSettings, goal: float | None) -> Row:
    """One run's line of the table."""
    if settings.metric not in found:
        raise InputError("metric", settings.metric, f"one of {', '.join(found)}, which {name} logged")
    curve = found[settings.metric]
    if len(curve.values) < _FEWEST:
        raise InputError("log", f"{len(curve.values)} rows in {name}", f"at least {_FEWEST}")
    metrics = convergence(curve, settings.smooth, settings.shares)
    if goal is not None:
        line = smoothed(curve.values, settings.smooth)
        metrics["updates to the goal"] = first_at(curve.steps, line, goal)
    metrics |= stability(curve, settings.smooth)
    if "grad_norm" in found:
        metrics |= gradient(found["grad_norm"])
    return single(name, metrics)


def common_goal(curves: dict[str, dict[str, Curve]], settings: CompareSettings) -> float | None:
    """The worst of the runs' last smoothed values of the metric; None unless all of them logged it and share its scale."""
    if not settings.shared_goal or not all(settings.metric in found for found in curves.values()):
        return None
    lines = [smoothed(found[settings.metric].values, settings.smooth) for found in curves.values()]
    last = np.array([line[-1] for line in lines])
    falls = sum(line[-1] <= line[0] for line in lines) * 2 >= len(lines)
    return float(last.max() if falls else last.min())


def main(settings: CompareSettings) -> None:
    """Print the table; write it and the curves to `out`."""
    if settings.out is not None:
        require_folder("out", settings.out)
    if len(settings.runs) < 2:
        raise InputError("runs", " ".join(map(str, settings.runs)), "at least two run folders")
    for share in settings.shares:
        if not 0.0 < share <= 1.0:
            raise InputError("shares", share, "0 < share <= 1")
    curves = dict(zip(labels(settings.runs), map(read_log, settings.runs), strict=True))
    goal = common_goal(curves, settings)
    rows = [row(name, found, settings, goal) for name, found in curves.items()]
    table = markdown(f"{settings.metric}, smoothed by {settings.smooth:g}", rows)
    print(table)
    if settings.out is not None:
        settings.out.mkdir(parents=True, exist_ok=True)
        (settings.out / "compare.md").write_text(table + "\n", "utf-8")
        names = [settings.metric, *(["grad_norm"] if any("grad_norm" in found for found in curves.values()) else [])]
        plots.curves(curves, names, settings.out / "compare.png", smooth=settings.smooth)


if __name__ == "__main__":
    run(main, CompareSettings, __doc__)
