"""How fast and how calmly runs learned: `python -m training.analyze_training --runs checkpoints/bvh/mine`.

A row for each metric of each run: updates and seconds to shares of its own improvement, the spread around the smoothed
curve, gradient norms. `compare_runs` puts several runs of one metric beside each other and times them to a common goal.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

from common.errors import InputError
from common.files import require_folder

from .compare_runs import CompareSettings, row
from .engine.command import run
from .evaluation.curves import Curve, labels, read_log
from .evaluation.table import Row, markdown

_FEWEST = 4
_NO_LOSS = ("lr", "busy", "grad_norm", "scale")
"""What is logged and does not improve."""


@dataclasses.dataclass(frozen=True)
class AnalyzeSettings:
    """What to analyze."""

    runs: tuple[Path, ...]
    """Run folders; each holds a log.jsonl."""
    metrics: tuple[str, ...] = ()
    """Names of logged metrics; none given: all that can improve and were logged four times or more."""
    smooth: float = 0.9
    out: Path | None = None
    """Folder for analysis.md; none only prints."""


def rows(name: str, found: dict[str, Curve], settings: AnalyzeSettings) -> list[Row]:
    """One run's lines of the table."""
    logged = [metric for metric, curve in found.items() if metric not in _NO_LOSS and len(curve.values) >= _FEWEST]
    made = []
    for metric in settings.metrics or logged:
        compared = CompareSettings(settings.runs, metric, smooth=settings.smooth)
        made.append(dataclasses.replace(row(name, found, compared, None), name=f"{name}: {metric}"))
    return made


def main(settings: AnalyzeSettings) -> None:
    """Print the table; write it to `out`."""
    if settings.out is not None:
        require_folder("out", settings.out)
    if not settings.runs:
        raise InputError("runs", "", "at least one run folder")
    curves = dict(zip(labels(settings.runs), map(read_log, settings.runs), strict=True))
    found = [line for name, one in curves.items() for line in rows(name, one, settings)]
    if not found:
        raise InputError(
            "runs", " ".join(map(str, settings.runs)), f"runs that logged a metric {_FEWEST} times or more"
        )
    table = markdown(f"smoothed by {settings.smooth:g}", found)
    print(table)
    if settings.out is not None:
        settings.out.mkdir(parents=True, exist_ok=True)
        (settings.out / "analysis.md").write_text(table + "\n", "utf-8")


if __name__ == "__main__":
    run(main, AnalyzeSettings, __doc__)
