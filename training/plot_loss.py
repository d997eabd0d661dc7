"""Plot the curves of one or several runs: `python -m training.plot_loss --runs checkpoints/bvh/mine --smooth 0.9`."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Literal

from common.errors import InputError

from .engine.command import run
from .evaluation import plots
from .evaluation.curves import Curve, labels, read_log


@dataclasses.dataclass(frozen=True)
class PlotSettings:
    """What to plot."""

    runs: tuple[Path, ...]
    """Run folders; each holds a log.jsonl."""
    metrics: tuple[str, ...] = ()
    """Names of logged metrics; none given plots all of them."""
    smooth: float = 0.0
    """Weight of the past in the exponential smoothing, 0 to below 1; the raw curve stays visible behind."""
    against: Literal["step", "seconds"] = "step"
    log_scale: bool = False
    out: Path | None = None
    """The picture; loss.png in the first run's folder unless given."""


def chosen(curves: dict[str, dict[str, Curve]], metrics: tuple[str, ...]) -> tuple[str, ...]:
    """The metrics to plot: those asked for, each logged by at least one run, or all."""
    logged = tuple(dict.fromkeys(name for found in curves.values() for name in found))
    for name in metrics:
        if name not in logged:
            raise InputError("metrics", name, f"one of {', '.join(logged)}")
    return metrics or logged


def main(settings: PlotSettings) -> None:
    """Write the picture and say where it is."""
    if not settings.runs:
        raise InputError("runs", "", "at least one run folder")
    curves = dict(zip(labels(settings.runs), map(read_log, settings.runs), strict=True))
    names = chosen(curves, settings.metrics)
    out = settings.out or settings.runs[0] / "loss.png"
    plots.curves(curves, names, out, smooth=settings.smooth, against=settings.against, log_scale=settings.log_scale)
    print(f"{out}: {', '.join(names)}")


if __name__ == "__main__":
    run(main, PlotSettings, __doc__)
