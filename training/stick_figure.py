"""A clip as a moving stick figure: GIF with Pillow, MP4 where ffmpeg is installed. No Blender."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from contract.errors import InputError
from contract.skeleton import JOINTS, PARENTS

ENDINGS = (".gif", ".mp4")
_GIF_FPS, _MP4_FPS = 10.0, 20.0
_INCHES, _DPI = 3.6, 80
_ROOM_M = 1.0
_COLOURS = {"left": "#1f77b4", "right": "#d62728", "": "#333333"}


def check(path: Path) -> None:
    """Nothing, if a film of that name can be made here; otherwise InputError."""
    if path.suffix not in ENDINGS:
        raise InputError("film", path.name, f"a name that ends in {' or '.join(ENDINGS)}")
    if path.suffix == ".mp4" and shutil.which("ffmpeg") is None:
        raise InputError("film", path.name, "a .gif: for .mp4 the program ffmpeg must be installed")


def film(path: Path, positions: NDArray[np.floating], fps: float, title: str = "") -> None:
    """Write `path` (.gif or .mp4) from joint positions [frame, 22, 3] (m, Y up); the view follows the pelvis."""
    import matplotlib as mpl
    from matplotlib.animation import FFMpegWriter, PillowWriter
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    check(path)
    rate = _GIF_FPS if path.suffix == ".gif" else _MP4_FPS
    chosen = positions[np.arange(0, len(positions), fps / rate).astype(int)]
    with mpl.rc_context({"font.size": 8}):
        figure = Figure(figsize=(_INCHES, _INCHES), dpi=_DPI)
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0.0, 0.0, 1.0, 0.94), projection="3d")
        figure.suptitle(title[:60])
        bones = [
            axes.plot([], [], [], color=_COLOURS[_side(joint)], linewidth=2.5)[0] for joint in range(1, len(PARENTS))
        ]
        axes.plot(positions[:, 0, 2], positions[:, 0, 0], np.zeros(len(positions)), color="#999999", linewidth=1.0)
        axes.view_init(elev=12.0, azim=35.0)
        axes.set(xticklabels=[], yticklabels=[], zlim=(0.0, 2 * _ROOM_M))
        writer = PillowWriter(fps=rate) if path.suffix == ".gif" else FFMpegWriter(fps=rate)
        with writer.saving(figure, str(path), _DPI):
            for frame in chosen:
                for joint, bone in enumerate(bones, start=1):
                    ends = frame[[PARENTS[joint], joint]]
                    bone.set_data_3d(ends[:, 2], ends[:, 0], ends[:, 1])  # Y up -> matplotlib's Z up, seen from ahead
                axes.set(
                    xlim=(frame[0, 2] - _ROOM_M, frame[0, 2] + _ROOM_M),
                    ylim=(frame[0, 0] - _ROOM_M, frame[0, 0] + _ROOM_M),
                )
                writer.grab_frame()


def _side(joint: int) -> str:
    side = JOINTS[joint].partition("_")[0]
    return side if side in _COLOURS else ""
