"""Pictures of the clip that an armature plays: a contact sheet and an animation."""

from __future__ import annotations

import tempfile
from pathlib import Path

import bpy
import numpy as np

from . import sheet, stage

_CELL, _CELL_SAMPLES, _COLUMNS, _MOMENTS = (300, 340), 20, 5, 10
_FRAME, _FRAME_SAMPLES, _GIF_FPS = (240, 272), 8, 10.0
_MAX_GIF_FRAMES = 120


def clip_frames(armature: bpy.types.Object) -> range:
    """The scene frames of the armature's action."""
    first, last = armature.animation_data.action.frame_range
    return range(round(first), round(last) + 1)


def contact_sheet(frames: range, title: str, note: str, out: Path) -> None:
    """Ten moments, evenly spread from the first frame to the last, as the file `out`."""
    fps = _scene_fps()
    moments = [frames[round(index)] for index in np.linspace(0, len(frames) - 1, min(_MOMENTS, len(frames)))]
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{index:03}.png" for index in range(len(moments))]
        for path, frame in zip(paths, moments, strict=True):
            stage.render(path, frame, _CELL, _CELL_SAMPLES)
        sheet.contact_sheet(paths, [(frame - frames[0]) / fps for frame in moments], _COLUMNS, title, note, out)


def animation(frames: range, out: Path) -> None:
    """The clip at 10 pictures a second (fewer if it is long: at most 120 in all) as the GIF `out`."""
    step = max(_scene_fps() / _GIF_FPS, len(frames) / _MAX_GIF_FRAMES)
    chosen = [frames[int(index)] for index in np.arange(0, len(frames), step)]
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{index:03}.png" for index in range(len(chosen))]
        for path, frame in zip(paths, chosen, strict=True):
            stage.render(path, frame, _FRAME, _FRAME_SAMPLES)
        sheet.animation(paths, _scene_fps() / step, out)


def _scene_fps() -> float:
    render = bpy.context.scene.render
    return float(render.fps / render.fps_base)
