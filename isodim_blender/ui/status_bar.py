"""The status bar while a clip is made: how far it is, how long it takes, and the way to end it."""

from __future__ import annotations

import bpy

from ..work.session import session
from .layout import draw_job


def _draw(header: bpy.types.Header, context: bpy.types.Context) -> None:
    if session.busy:
        row = header.layout.row(align=True)
        row.ui_units_x = 16
        draw_job(row)


def register() -> None:
    """Into Blender's own status bar."""
    bpy.types.STATUSBAR_HT_header.prepend(_draw)


def unregister() -> None:
    """Out of it."""
    bpy.types.STATUSBAR_HT_header.remove(_draw)
