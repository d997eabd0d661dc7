"""An edit as a preview: it is made on a copy of the armature's Action, which is then kept or discarded.

What is pending is stored in the file, on the copy (`action.isodim`: preview, replaces, replaces_slot, replaced_was_kept, edit_*), so
that saving, loading, undo and redo need no help. The Action that the copy replaces has a fake user meanwhile, so that it is not lost
even when the copy is taken off the armature by hand. Callers push the undo step: one for `begin`, the edit and `finish`, one for
`keep`, one for `discard`.

There is never more than one preview on an armature: the same tool on the same frames makes a new one in its place, any other edit goes
on from it, and `discard` brings back the Action before the first.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator

import bpy

from ...common.errors import InputError
from .. import slots
from ..action.signature import signing
from ..rig import target
from ..steps import Steps

EVERY_FRAME = (-(2**31), 2**31 - 1)
"""The frames of an edit that makes the whole clip anew."""


@dataclasses.dataclass(frozen=True)
class Edit:
    """Which tool made or makes which frames, both included."""

    tool: str
    frames: tuple[int, int] = EVERY_FRAME

    def covers(self, other: Edit) -> bool:
        """Whether nothing of the other edit is left under this one."""
        return self.tool == other.tool and self.frames[0] <= other.frames[0] and other.frames[1] <= self.frames[1]


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


def copied(action: bpy.types.Action) -> bpy.types.Action:
    """A copy that nobody plays yet, for `begin`; the caller edits it."""
    copy = action.copy()
    copy.use_fake_user = False
    if copy.asset_data is not None:
        copy.asset_clear()
    return copy


def begin(armature: bpy.types.Object, copy: bpy.types.Action | None = None) -> bpy.types.Action:
    """`copy` of the armature's Action, or a new one, is what the armature plays from now on.

    Where a preview is pending already this is one of it, until `finish`. InputError, with nothing changed, if the Action cannot be
    edited.
    """
    old = editable(armature)
    data = armature.animation_data
    slot = slots.assigned_slot(data)
    copy = copied(old) if copy is None else copy
    entry = copy.isodim
    entry.preview, entry.replaces = True, old
    entry.replaces_slot = "" if slot is None else slot.identifier
    entry.replaced_was_kept = old.use_fake_user
    old.use_fake_user = True
    slots.assign(data, copy, slots.slot_called(copy, entry.replaces_slot))
    return copy


def finish(armature: bpy.types.Object, edit: Edit) -> Steps[None]:
    """The preview is what `edit` made. A preview of a preview takes the place of that, and replaces what that replaced."""
    data = armature.animation_data
    entry, before = data.action.isodim, data.action.isodim.replaces
    if before is not None and before.isodim.preview:
        older = before.isodim
        entry.replaces, entry.replaces_slot = older.replaces, older.replaces_slot
        entry.replaced_was_kept = older.replaced_was_kept
        before.use_fake_user = False
        _drop(before)
    action, slot = data.action, slots.assigned_slot(data)
    entry.edit_tool, entry.edit_frames = edit.tool, edit.frames
    left = yield from signing(action, "" if slot is None else slot.identifier)
    action.isodim.edit_left = left


def replaced_by(armature: bpy.types.Object, edit: Edit) -> Steps[bpy.types.Action | None]:
    """The Action before the pending preview, where `edit` makes all anew that the preview made.

    None without a preview, for another edit, and for a preview that was changed by hand since: then the edit goes on from what is there.
    """
    pending = of(armature)
    if pending is None or pending.replaces is None:
        return None
    entry, slot = pending.action.isodim, slots.assigned_slot(armature.animation_data)
    if not edit.covers(Edit(entry.edit_tool, tuple(entry.edit_frames))):
        return None
    left = yield from signing(pending.action, "" if slot is None else slot.identifier)
    return pending.replaces if pending.action.isodim.edit_left == left else None


def base(armature: bpy.types.Object, instead: bool) -> bpy.types.Action:
    """The Action that an edit is made on: what is played, or what the pending preview replaces."""
    pending = of(armature) if instead else None
    if pending is None or pending.replaces is None:
        return editable(armature)
    target.check_writable(armature)
    return pending.replaces


@contextlib.contextmanager
def in_place_of_pending(armature: bpy.types.Object, wanted: bool) -> Iterator[None]:
    """Inside, the armature plays what the pending preview replaces; afterwards the preview is gone, or back if it fails.

    Key poses that were added to the preview go over to what is played then. Nothing is done unless `wanted`.
    """
    pending = of(armature) if wanted else None
    if pending is None or pending.replaces is None:
        yield
        return
    data, old, copy = armature.animation_data, pending.replaces, pending.action
    slot = slots.assigned_slot(data)
    identifier = "" if slot is None else slot.identifier
    slots.assign(data, old, slots.slot_called(old, copy.isodim.replaces_slot))
    old.use_fake_user = copy.isodim.replaced_was_kept
    try:
        yield
    except BaseException:
        slots.assign(armature.animation_data, copy, slots.slot_called(copy, identifier))
        old.use_fake_user = True
        raise
    made = armature.animation_data.action
    made.isodim.key_poses.clear()
    for kept in copy.isodim.key_poses:
        entry = made.isodim.key_poses.add()
        entry.frame, entry.pose = kept.frame, kept.pose
    _drop(copy)


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
    if pending.replaces is not None:
        pending.replaces.use_fake_user = True
    _settle(pending.action)
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
    _drop(copy)
    return old


def _pending(armature: bpy.types.Object, verb: str) -> Pending:
    found = of(armature)
    if found is None:
        raise InputError(verb, "nothing pending", "an armature whose Action is the preview of an edit")
    target.check_writable(armature)
    return found


def _drop(preview: bpy.types.Action) -> None:
    """Removes a preview that nobody plays; for whom it is played by it is an Action like others."""
    _settle(preview)
    if preview.users == 0:
        bpy.data.actions.remove(preview)


def _settle(action: bpy.types.Action) -> None:
    entry = action.isodim
    entry.preview, entry.replaces = False, None
    entry.replaces_slot, entry.replaced_was_kept = "", False
    entry.edit_tool, entry.edit_left = "", ""
