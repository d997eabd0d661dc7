"""An Action's slots and curves and who plays them: the one place that knows how Blender's versions store an Action."""

from __future__ import annotations

import collections
import itertools
import re
from collections.abc import Callable, Iterator

import bpy

SLOTTED_SINCE = (4, 4, 0)
_BONE = re.compile(r'pose\.bones\["((?:[^"\\]|\\.)+)"\]')
NewCurve = Callable[[str, int, str], bpy.types.FCurve]


def new_slot(action: bpy.types.Action, item: bpy.types.Object) -> bpy.types.ActionSlot | None:
    """A slot for an object; None before Blender 4.4."""
    return None if bpy.app.version < SLOTTED_SINCE else action.slots.new(id_type="OBJECT", name=item.name)


def curve_maker(action: bpy.types.Action, slot: bpy.types.ActionSlot | None) -> NewCurve:
    """How to add a curve (path, index, group) to a slot of `action`, which is None before Blender 4.4."""
    if slot is None:
        return lambda path, index, group: action.fcurves.new(path, index=index, action_group=group)
    layer = action.layers[0] if len(action.layers) else action.layers.new("Layer")
    strip = layer.strips[0] if len(layer.strips) else layer.strips.new(type="KEYFRAME")
    bag = strip.channelbag(slot, ensure=True)
    groups = {group.name: group for group in bag.groups}  # a look-up in Blender walks through all

    def new_curve(path: str, index: int, group: str) -> bpy.types.FCurve:
        made = bag.fcurves.new(path, index=index)
        if group not in groups:
            groups[group] = bag.groups.new(group)
        made.group = groups[group]
        return made

    return new_curve


def curve_paths(action: bpy.types.Action) -> Iterator[tuple[bpy.types.ActionSlot | None, str]]:
    """Slot (None before Blender 4.4) and data path of every curve of an Action."""
    for slot, curve in curves_of(action):
        yield slot, curve.data_path


def curves_of(action: bpy.types.Action) -> Iterator[tuple[bpy.types.ActionSlot | None, bpy.types.FCurve]]:
    """Slot (None before Blender 4.4) and curve, of every curve of an Action."""
    if bpy.app.version < SLOTTED_SINCE:
        for curve in action.fcurves:
            yield None, curve
        return
    for layer in action.layers:
        for strip in layer.strips:
            for bag in strip.channelbags:
                for curve in bag.fcurves:
                    yield bag.slot, curve


def batches(
    action: bpy.types.Action, size: int
) -> Iterator[list[tuple[bpy.types.ActionSlot | None, bpy.types.FCurve]]]:
    """As `curves_of`, some at a time, found again each time: between two batches a person may delete some.

    ReferenceError if the Action is gone.
    """
    at = 0
    while batch := list(itertools.islice(curves_of(action), at, at + size)):
        yield batch
        at += size


def assign(data: bpy.types.AnimData, action: bpy.types.Action | None, slot: bpy.types.ActionSlot | None) -> None:
    """The Action and its slot as what `data` plays."""
    data.action = action
    if slot is not None:
        data.action_slot = slot


def assign_to_strip(strip: bpy.types.NlaStrip, slot: bpy.types.ActionSlot | None) -> None:
    """The slot of its Action that an NLA strip plays."""
    if slot is not None:
        strip.action_slot = slot


def assigned_slot(data: bpy.types.AnimData) -> bpy.types.ActionSlot | None:
    """The slot that `data` plays; None without one and before Blender 4.4."""
    return None if bpy.app.version < SLOTTED_SINCE else data.action_slot


def slot_called(action: bpy.types.Action, identifier: str) -> bpy.types.ActionSlot | None:
    """The slot of that identifier; None if there is none, and before Blender 4.4."""
    slots = () if bpy.app.version < SLOTTED_SINCE else action.slots
    return next((slot for slot in slots if slot.identifier == identifier), None)


def curves_by_channel(
    action: bpy.types.Action, slot: bpy.types.ActionSlot | None
) -> dict[tuple[str, int], bpy.types.FCurve]:
    """(data path, index) -> curve, of one slot (None before Blender 4.4)."""
    return {
        (curve.data_path, curve.array_index): curve
        for owner, curve in curves_of(action)
        if slot is None or (owner is not None and owner.identifier == slot.identifier)
    }


def remove(uid: int) -> None:
    """Removes the Action of that session_uid, if it is still there: an undo may have taken it."""
    for action in [action for action in bpy.data.actions if action.session_uid == uid]:
        bpy.data.actions.remove(action)


def present(action: bpy.types.Action) -> None:
    """ReferenceError if the Action is not there any more: its curves must not be touched then."""
    if not action.name:
        raise ReferenceError(action)


def animates(action: bpy.types.Action, armature: bpy.types.Object) -> bool:
    """Whether a curve of the Action moves a bone that the armature has."""
    return any(_bone(path) in armature.data.bones for _, path in curve_paths(action))


def slot_for(action: bpy.types.Action, armature: bpy.types.Object) -> bpy.types.ActionSlot | None:
    """The slot that the armature plays of the Action; if it plays none, the one with the most curves on its bones.

    Its namesake goes before others. None before Blender 4.4.
    """
    data = armature.animation_data
    if data is not None and data.action == action and assigned_slot(data) is not None:
        return assigned_slot(data)
    votes: collections.Counter[str] = collections.Counter()
    slots = {}
    for slot, path in curve_paths(action):
        if slot is not None and _bone(path) in armature.data.bones:
            slots[slot.identifier] = slot
            votes[slot.identifier] += 1
    own = f"OB{armature.name}"
    chosen = own if own in slots else max(votes, key=lambda name: votes[name], default=None)
    return slots.get(chosen)


def identifier_for(action: bpy.types.Action, armature: bpy.types.Object) -> str:
    """The identifier of `slot_for`; empty without one."""
    slot = slot_for(action, armature)
    return "" if slot is None else slot.identifier


def _bone(data_path: str) -> str:
    """The bone of a data path; empty if it is none's."""
    match = _BONE.match(data_path)
    return bpy.utils.unescape_identifier(match[1]) if match else ""
