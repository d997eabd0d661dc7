"""Clips as a still picture: rows of stick figures over time, and curves below them. No display, no Blender."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from common.motion.skeleton import PARENTS

from .stick_figure import colour

_APART_M, _ROOM_M = 1.1, 2.0
_AZIMUTH, _ELEVATION = np.radians(35.0), np.radians(12.0)
_INCHES, _ROW_INCHES, _CURVE_INCHES, _DPI = 12.0, 2.9, 1.8, 90


@dataclasses.dataclass(frozen=True)
class PoseRow:
    """Poses [pose, 22, 3] (m, Y up) side by side under a title, each with a line of text."""

    title: str
    poses: NDArray[np.floating]
    labels: Sequence[str]


def picture(
    out: Path,
    rows: Sequence[PoseRow],
    curves: Mapping[str, NDArray[np.floating]],
    fps: float,
    borders: Sequence[int] = (),
) -> None:
    """Write `out` (.png): the rows, then a panel for each of `curves` [frame] over seconds, with lines at the `borders` (frames)."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    heights = [_ROW_INCHES] * len(rows) + [_CURVE_INCHES] * len(curves)
    figure = Figure(figsize=(_INCHES, sum(heights)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(heights), 1, squeeze=False, gridspec_kw={"height_ratios": heights})[:, 0]
    widest = max(len(row.poses) for row in rows)
    for axis, row in zip(axes, rows, strict=False):
        _draw(axis, row, widest)
    for axis, (name, values) in zip(axes[len(rows) :], curves.items(), strict=True):
        axis.plot(np.arange(len(values)) / fps, values, linewidth=1.0)
        axis.set(xlim=(0.0, len(values) / fps), xlabel="s")
        axis.set_title(name, loc="left", fontsize=9)
        for frame in borders:
            axis.axvline(frame / fps, color="#bbbbbb", linewidth=0.6)
    out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(out, dpi=_DPI)


def _draw(axis: Any, row: PoseRow, widest: int) -> None:
    axis.set_title(row.title, loc="left", fontsize=9)
    for place, (pose, label) in enumerate(zip(row.poses, row.labels, strict=True)):
        x, y, z = (pose - pose[0] * (1.0, 0.0, 1.0)).T
        across = x * np.cos(_AZIMUTH) - z * np.sin(_AZIMUTH) + place * _APART_M
        up = y * np.cos(_ELEVATION) - (x * np.sin(_AZIMUTH) + z * np.cos(_AZIMUTH)) * np.sin(_ELEVATION)
        for joint in range(1, len(PARENTS)):
            bone = [joint, PARENTS[joint]]
            axis.plot(across[bone], up[bone], color=colour(joint), linewidth=1.6)
        axis.text(place * _APART_M, -0.35, label, ha="center", va="top", fontsize=6)
    axis.set(xlim=(-_APART_M / 2, (widest - 0.5) * _APART_M), ylim=(-0.6, _ROOM_M), aspect="equal")
    axis.axis("off")
