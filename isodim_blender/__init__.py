"""Blender's side; no torch, no scipy. Rooms, each of which imports only those above it:

slots       how Blender's versions store an Action; who plays it
steps       long work in steps, between which Blender's main loop turns
client/     the backend as a child process, one job, the poll timer; no bpy
rig/        an armature as arrays: bone map, fit, transfer, controls, feet, recording
figure/     the mannequin where no armature is the target
action/     a clip to an Action's curves and back; facts, captions, assets
export/     Blender's own exporters for one Action; the folder for training
install/    the GPU backend: an environment with torch, where somebody wants one
work/       a run from request to ending, what becomes of its answer, the one session
editing/    which frames, the request, previews that are kept or discarded, variations, batches
settings/   what a person sets
ui/         panels, menus, preferences: they draw, and decide nothing
operators/  thin: settings in, sentences out
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path

from .. import __package__ as EXTENSION

ROOT = Path(__file__).resolve().parents[1]
"""The extension's folder; the backend's only import path. It may be read-only and is emptied at an upgrade."""

_ROOMS = (
    "install.installer",
    "ui.preferences",
    "settings.properties",
    "ui.prompt_menu",
    "operators",
    "ui.review_panel",
    "ui.panels",
    "ui.edit_panel",
    "ui.whole_clip_panel",
    "ui.strips_panel",
    "ui.rig_panel",
    "ui.out_panel",
    "ui.batch_panel",
    "ui.actions_panel",
    "work.session",
    "rig.double",
    "action.versions",
    "editing.ghost",
    "ui.status_bar",
)

__all__ = ["EXTENSION", "ROOT", "register", "unregister"]


def register() -> None:
    """All rooms, forward; if one fails, those before it are taken back, so that the add-on can be enabled again."""
    done: list[str] = []
    try:
        for room in _ROOMS:
            importlib.import_module(f".{room}", __package__).register()
            done.append(room)
    except BaseException:
        _unregister(done)
        raise


def unregister() -> None:
    """All rooms, backward; the child is stopped first."""
    _unregister(_ROOMS)


def _unregister(rooms: Sequence[str]) -> None:
    for room in reversed(rooms):
        importlib.import_module(f".{room}", __package__).unregister()
