"""Whether a request can be sent now, said once for buttons and for the panel."""

from __future__ import annotations

import bpy

from ..client import environment
from .preferences import backend_python
from .session import session


def hindrance(context: bpy.types.Context) -> str:
    """Why nothing can be sent, one sentence; empty if it can."""
    if session.busy:
        return "A clip is being made; cancel it or wait"
    if not environment.chosen(backend_python(context)):
        return "Press Install Backend first, here or under Preferences > Add-ons > IsoDiM"
    return ""
