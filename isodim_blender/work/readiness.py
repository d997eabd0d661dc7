"""Whether a request can be sent now, said once for buttons and for the panel."""

from __future__ import annotations

import bpy

from .. import ROOT
from ..client import environment, own_python
from .preferences import backend_python
from .session import session


def hindrance(context: bpy.types.Context) -> str:
    """Why nothing can be sent, one sentence; empty if it can."""
    if session.busy:
        return "A clip is being made; cancel it or wait"
    return "" if environment.chosen(backend_python(context)) else own_python.hindrance(ROOT)
