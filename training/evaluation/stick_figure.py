"""A clip as a moving stick figure: GIF with Pillow, MP4 where ffmpeg is installed. No Blender."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from common.errors import InputError
from common.motion.skeleton import JOINTS, PARENTS

ENDINGS = (".gif", ".mp4")
_GIF_FPS, _MP4_FPS = 10, 20
_INCHES, _DPI = 3.6, 80
"""288 pixels a side: films of some hundred kilobytes."""
_ROOM_M = 1.0
"""Metres that are seen on each side of the pelvis: an arm's reach and a step."""
_COLOURS, _MIDDLE = {"left": "#1f77b4", "right": "#d62728"}, "#333333"


def check(path: Path) -> None:
    """Nothing, if a film of that name can be made here; otherwise InputError."""
    if path.suffix not in ENDINGS:
        raise InputError("film", path.name, f"a name that ends in {' or '.join(ENDINGS)}")
    if path.suffix == ".mp4" and shutil.which("ffmpeg") is None:
        raise InputError("film", path.name, "a .gif: for .mp4 the program ffmpeg must be installed")


def film(path: Path, positions: NDArray[np.floating], fps: float, title: str = "") -> None:
    """Write `path` (.gif or .mp4) from joint positions [frame, 22, 3] (m, Y up); the view follows the pelvis."""
    from matplotlib.animation import FFMpegWriter, PillowWriter
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    check(path)
    writer = PillowWriter(fps=_GIF_FPS) if path.suffix == ".gif" else FFMpegWriter(fps=_MP4_FPS)
    chosen = positions[np.arange(0, len(positions), fps / writer.fps).astype(int)]
    figure = Figure(figsize=(_INCHES, _INCHES), dpi=_DPI)
    FigureCanvasAgg(figure)
    figure.suptitle(title[:60], fontsize=8)
    axes: Any = figure.add_axes((0.0, 0.0, 1.0, 0.94), projection="3d")
    axes.view_init(elev=12.0, azim=35.0)
    axes.set_box_aspect((1.0, 1.0, 1.0))
    axes.set(xticklabels=[], yticklabels=[], zticklabels=[], zlim=(0.0, 2 * _ROOM_M))
    seen = chosen[..., [2, 0, 1]]  # Y up -> matplotlib's Z up, walking towards the viewer
    axes.plot(seen[:, 0, 0], seen[:, 0, 1], np.zeros(len(seen)), color="#999999", linewidth=1.0)
    bones = [axes.plot([], [], [], color=colour(joint), linewidth=2.5)[0] for joint in range(1, len(PARENTS))]
    with writer.saving(figure, str(path), _DPI):
        for frame in seen:
            for joint, bone in enumerate(bones, start=1):
                bone.set_data_3d(*frame[[PARENTS[joint], joint]].T)
            x, y, _ = frame[0]
            axes.set(xlim=(x - _ROOM_M, x + _ROOM_M), ylim=(y - _ROOM_M, y + _ROOM_M))
            writer.grab_frame()


def colour(joint: int) -> str:
    """Of the bone that ends in a joint: left blue, right red."""
    return _COLOURS.get(JOINTS[joint].partition("_")[0], _MIDDLE)
