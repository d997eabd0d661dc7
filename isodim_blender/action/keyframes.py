"""Curves into a new Action by `foreach_set`; the one place that knows how Blender's versions store an Action."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import bpy
import numpy as np

from .curves import Curve

_SLOTTED_SINCE = (4, 4, 0)
NewCurve = Callable[[Curve], bpy.types.FCurve]
Facts = Mapping[str, bool | int | float | str]


def write(
    armature: bpy.types.Object, name: str, curves: Iterable[Curve], first_frame: int, facts: Facts
) -> bpy.types.Action:
    """A new Action on `armature`, one key a frame from `first_frame` on, with `facts` as its custom properties.

    The Action that was there before keeps a user of its own, so that it outlives saving and stays in the Action list.
    """
    action = bpy.data.actions.new(name)
    new_curve, slot = _prepare(action, armature.name)
    for curve in curves:
        _fill(new_curve(curve), curve, first_frame)
    for key, value in facts.items():
        action[key] = value
    data = armature.animation_data_create()
    if data.action is not None:
        data.action.use_fake_user = True
    data.action = action
    if slot is not None:
        data.action_slot = slot
    return action


def _prepare(action: bpy.types.Action, slot_name: str) -> tuple[NewCurve, bpy.types.ActionSlot | None]:
    """How to add a curve to an empty `action`, and the slot to set beside it: none before Blender 4.4."""
    if bpy.app.version < _SLOTTED_SINCE:
        return lambda c: action.fcurves.new(c.data_path, index=c.index, action_group=c.group), None
    slot = action.slots.new(id_type="OBJECT", name=slot_name)
    strip = action.layers.new("Layer").strips.new(type="KEYFRAME")
    bag = strip.channelbag(slot, ensure=True)

    def new_curve(curve: Curve) -> bpy.types.FCurve:
        made = bag.fcurves.new(curve.data_path, index=curve.index)
        made.group = bag.groups.get(curve.group) or bag.groups.new(curve.group)
        return made

    return new_curve, slot


def _fill(fcurve: bpy.types.FCurve, curve: Curve, first_frame: int) -> None:
    frames = len(curve.values)
    points = np.empty((frames, 2), np.float32)
    points[:, 0] = np.arange(first_frame, first_frame + frames)
    points[:, 1] = curve.values
    fcurve.keyframe_points.add(frames)
    fcurve.keyframe_points.foreach_set("co", points.ravel())
    fcurve.update()


def curve_paths(action: bpy.types.Action) -> Iterator[tuple[bpy.types.ActionSlot | None, str]]:
    """Slot (None before Blender 4.4) and data path of every curve of an Action."""
    if bpy.app.version < _SLOTTED_SINCE:
        for curve in action.fcurves:
            yield None, curve.data_path
        return
    for layer in action.layers:
        for strip in layer.strips:
            for bag in strip.channelbags:
                for curve in bag.fcurves:
                    yield bag.slot, curve.data_path


def assign(data: bpy.types.AnimData, action: bpy.types.Action | None, slot: bpy.types.ActionSlot | None) -> None:
    """The Action and its slot as what `data` plays."""
    data.action = action
    if slot is not None:
        data.action_slot = slot


def assigned_slot(data: bpy.types.AnimData) -> bpy.types.ActionSlot | None:
    """The slot that `data` plays; None without one and before Blender 4.4."""
    return None if bpy.app.version < _SLOTTED_SINCE else data.action_slot
