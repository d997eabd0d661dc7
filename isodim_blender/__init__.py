"""Blender's side: rooms in the order in which they are registered; no torch, no scipy.

preferences  what backend, whose checkpoints        rig/      poses of any rig as arrays: fit, transfer, reading, feet
properties   what a person sets                     action/   curves, keyframes, an Action's facts, assets
operators/   thin: settings in, sentences out       apply     a clip onto an armature
*panel, panels   draw, decide nothing               action_motion   an Action as a clip
prompt_menu, status_bar   the same                  target    which armature is meant
installer    the backend's environment, its pump     install/        how it is made; no bpy
work/        one request, its ending, the session   exporters       Blender's own, for one Action
                                                    editing/        which frames, the request, previews
child, job, log, environment, checkpoints, corrections, prompts, training_folder: no bpy
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
    "ui.install_panel",
    "ui.panels",
    "ui.rig_panel",
    "ui.edit_panel",
    "ui.strips_panel",
    "ui.out_panel",
    "ui.actions_panel",
    "work.session",
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
