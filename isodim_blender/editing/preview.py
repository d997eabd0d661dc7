"""An edit as a preview: it is made on a copy of the armature's Action, which is then kept or discarded.

What is pending is stored in the file, on the copy (`action.isodim`: preview, replaces, replaces_slot, replaced_was_kept), so that
saving, loading, undo and redo need no help. The Action that the copy replaces has a fake user meanwhile, so that it is not lost
even when the copy is taken off the armature by hand. Callers push the undo step: one for `begin` and the edit, one for `keep`,
one for `discard`.
"""

from __future__ import annotations

import dataclasses

import bpy

from ...common.errors import InputError
from .. import slots
from ..rig import target


@dataclasses.dataclass(frozen=True)
class Pending:
    """A preview: the copy that is played, and the Action it replaces; None if that was deleted by hand."""

    action: bpy.types.Action
    replaces: bpy.types.Action | None


def editable(armature: bpy.types.Object) -> bpy.types.Action:
    """The Action that the armature plays; InputError if there is none, or if it or the armature cannot be changed."""
    target.check_writable(armature)
    data = armature.animation_data
    action = None if data is None else data.action
    if action is None:
        raise InputError("Action", "none", f"an Action on {armature.name} to edit (generate one, or assign one)")
    if action.library is not None:
        raise InputError("Action", action.name, "an Action of this file: it is linked (make it local to edit it)")
    if action.override_library is not None:
        raise InputError("Action", action.name, "an Action of this file: it is a library override (make it local)")
    return action


def begin(armature: bpy.types.Object) -> bpy.types.Action:
    """A copy of the armature's Action, which the armature plays from now on; the caller edits it.

    A preview that is pending already goes on: `discard` then takes back one edit, `keep` keeps all. InputError, with nothing
    changed, if the Action cannot be edited.
    """
    old = editable(armature)
    data = armature.animation_data
    slot = slots.assigned_slot(data)
    copy = old.copy()
    copy.use_fake_user = False
    if copy.asset_data is not None:
        copy.asset_clear()
    entry = copy.isodim
    entry.preview, entry.replaces = True, old
    entry.replaces_slot = "" if slot is None else slot.identifier
    entry.replaced_was_kept = old.use_fake_user
    old.use_fake_user = True
    slots.assign(data, copy, slots.slot_called(copy, entry.replaces_slot))
    return copy


def of(armature: bpy.types.Object | None) -> Pending | None:
    """What is pending on an armature; None if nothing is."""
    data = None if armature is None else armature.animation_data
    action = None if data is None else data.action
    if action is None or not action.isodim.preview:
        return None
    return Pending(action, action.isodim.replaces)


def keep(armature: bpy.types.Object) -> bpy.types.Action:
    """The preview is the work; what it replaces stays in the file. InputError if nothing is pending."""
    pending = _pending(armature, "Keep")
    link: bpy.types.Action | None = pending.action
    while link is not None and link.isodim.preview:
        before = link.isodim.replaces
        if before is not None:
            before.use_fake_user = True
        _settle(link)
        link = before
    return pending.action


def discard(armature: bpy.types.Object) -> bpy.types.Action:
    """The Action of before, and its slot, come back; the copy is removed unless somebody else plays it.

    InputError if nothing is pending, or if the Action of before was deleted.
    """
    pending = _pending(armature, "Discard")
    old, copy = pending.replaces, pending.action
    if old is None:
        raise InputError("Discard", copy.name, "Keep: the Action before the edit was deleted")
    was_kept, slot = copy.isodim.replaced_was_kept, copy.isodim.replaces_slot
    slots.assign(armature.animation_data, old, slots.slot_called(old, slot))
    old.use_fake_user = was_kept
    _settle(copy)
    if copy.users == 0:
        bpy.data.actions.remove(copy)
    return old


def _pending(armature: bpy.types.Object, verb: str) -> Pending:
    found = of(armature)
    if found is None:
        raise InputError(verb, "nothing pending", "an armature whose Action is the preview of an edit")
    target.check_writable(armature)
    return found


def _settle(action: bpy.types.Action) -> None:
    entry = action.isodim
    entry.preview, entry.replaces = False, None
    entry.replaces_slot, entry.replaced_was_kept = "", False
