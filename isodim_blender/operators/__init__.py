"""Thin operators: settings in, sentences out."""

from __future__ import annotations

import bpy

from . import (
    assets,
    batch,
    clips,
    edit,
    edit_poses,
    export,
    export_clip,
    generate,
    help,
    install,
    path_curve,
    review,
    rig,
    strips,
    tidy,
    transfer,
    variations,
)

_CLASSES = (
    *generate.CLASSES, *clips.CLASSES, *rig.CLASSES, *export.CLASSES, *export_clip.CLASSES, *transfer.CLASSES,
    *assets.CLASSES, *edit.CLASSES, *edit_poses.CLASSES, *review.CLASSES, *strips.CLASSES, *variations.CLASSES, *batch.CLASSES,
    *path_curve.CLASSES, *help.CLASSES, *tidy.CLASSES, *install.CLASSES,
)  # fmt: skip


def register() -> None:
    """All operators, and the entry in a menu."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    rig.add_to_menu()
    batch.add_command()


def unregister() -> None:
    """Backward."""
    install.timer.stop()
    batch.remove_command()
    rig.remove_from_menu()
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
