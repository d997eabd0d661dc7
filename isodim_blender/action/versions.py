"""Whether an Action was changed since one last looked: Blender tells, so that nobody has to read a minute of keys to know."""

from __future__ import annotations

import collections

import bpy

from .. import slots

_changes: collections.Counter[int] = collections.Counter()
_epoch = [0]


def version_of(action: bpy.types.Action) -> tuple[object, ...]:
    """Something that differs from what it was whenever a key, a curve or a modifier of the Action does; some ms a thousand curves.

    It may differ also where nothing has changed.
    """
    layer = bpy.context.view_layer
    if layer is not None:
        layer.update()  # what was changed by a script since the last redraw is told only then
    # A modifier that is added is not told.
    curves = tuple((len(curve.keyframe_points), len(curve.modifiers)) for _, curve in slots.curves_of(action))
    return action.session_uid, _epoch[0], _changes[action.session_uid], hash(curves)


@bpy.app.handlers.persistent
def _told(_scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> None:
    for update in depsgraph.updates:
        if isinstance(update.id, bpy.types.Action):
            _changes[update.id.original.session_uid] += 1


@bpy.app.handlers.persistent
def _everything(*_arguments: object) -> None:
    _epoch[0] += 1
    _changes.clear()


_HANDLERS = (
    ("depsgraph_update_post", _told),
    ("undo_post", _everything),
    ("redo_post", _everything),
    ("load_post", _everything),
)


def register() -> None:
    """Listens."""
    for name, handler in _HANDLERS:
        getattr(bpy.app.handlers, name).append(handler)


def unregister() -> None:
    """Backward."""
    for name, handler in _HANDLERS:
        getattr(bpy.app.handlers, name).remove(handler)
    _everything()
