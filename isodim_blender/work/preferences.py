"""What the add-on's preferences say; the class itself is among the panels, which draw it."""

from __future__ import annotations

import bpy

from .. import EXTENSION
from ..client import own_python
from ..install.installer import installer


def backend_python(context: bpy.types.Context) -> str:
    """The path in the preferences, or else the GPU backend's Python where it is chosen and works, or else Blender's own where
    the extension brings the wheels; empty if there is none of them.
    """
    chosen = context.preferences.addons[EXTENSION].preferences
    return chosen.backend_python.strip() or (installer.python if chosen.use_gpu else "") or own_python.path()


def idle_limit_s(context: bpy.types.Context) -> float:
    """Seconds of rest after which the backend is ended; 0 for never."""
    return context.preferences.addons[EXTENSION].preferences.idle_minutes * 60.0


def plays_new_figures(context: bpy.types.Context) -> bool:
    """Whether a new figure's clip starts to play."""
    return context.preferences.addons[EXTENSION].preferences.play_new_figures


def own_checkpoints(context: bpy.types.Context) -> str:
    """The person's folder of checkpoints; empty if none is set."""
    addon = context.preferences.addons.get(EXTENSION)
    folder = addon.preferences.checkpoints.strip() if addon is not None and addon.preferences is not None else ""
    return bpy.path.abspath(folder) if folder else ""
