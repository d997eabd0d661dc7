"""Thin operators: settings in, sentences out."""

from __future__ import annotations

import bpy

from . import clips, export, generate, help

_CLASSES = (*generate.CLASSES, *clips.CLASSES, *export.CLASSES, *help.CLASSES)


def register() -> None:
    """All operators."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Backward."""
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
