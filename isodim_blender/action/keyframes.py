"""Tracks into a new Action by `foreach_set`; the one place that knows how Blender's versions store an Action."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import bpy
import numpy as np
from numpy.typing import NDArray

from .curves import Track

_SLOTTED_SINCE = (4, 4, 0)
_CONSTANT, _ALIGNED = 0, 3  # what `foreach_set` takes for these items of a Keyframe's enumerations
NewCurve = Callable[[str, int, str], bpy.types.FCurve]
Facts = Mapping[str, bool | int | float | str]


def write(
    armature: bpy.types.Object, name: str, tracks: Iterable[Track], first_frame: int, facts: Facts
) -> bpy.types.Action:
    """A new Action on `armature`: `tracks` from `first_frame` on, with `facts` as its custom properties.

    The Action that was there before keeps a user of its own, so that it outlives saving and stays in the Action list.
    """
    action = bpy.data.actions.new(name)
    slot = None if bpy.app.version < _SLOTTED_SINCE else action.slots.new(id_type="OBJECT", name=armature.name)
    new_curve = curve_maker(action, slot)
    for track in tracks:
        counted = np.arange(len(track.values)) if track.frames is None else track.frames
        times = (first_frame + counted).astype(np.float32)
        for component in track.free:
            _fill(new_curve(track.data_path, component, track.group), track, component, times)
    for key, value in facts.items():
        action[key] = value
    data = armature.animation_data_create()
    if data.action is not None:
        data.action.use_fake_user = True
    data.action = action
    if slot is not None:
        data.action_slot = slot
    return action


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


def _fill(fcurve: bpy.types.FCurve, track: Track, component: int, times: NDArray[np.float32]) -> None:
    points = np.stack([times, track.values[:, component]], axis=-1).astype(np.float32)
    keys = fcurve.keyframe_points
    keys.add(len(points))
    keys.foreach_set("co", points.ravel())
    if track.slopes is not None:
        _set_handles(keys, points, track.slopes[:, component])
    if track.constant:
        keys.foreach_set("interpolation", np.full(len(points), _CONSTANT, np.int32))
    fcurve.update()


def _set_handles(
    keys: bpy.types.FCurveKeyframePoints, points: NDArray[np.float32], slopes: NDArray[np.float64]
) -> None:
    """Handles at a third of each interval: so the time is linear and the Bezier curve is the cubic Hermite of `slopes`."""
    gaps: NDArray[np.float32] = np.diff(points[:, 0]) if len(points) > 1 else np.ones(1, np.float32)
    for side, reach in (("left", -np.append(gaps[:1], gaps)), ("right", np.append(gaps, gaps[-1:]))):
        third = reach[: len(points)] / 3.0
        handles = points + np.stack([third, third * slopes], axis=-1)
        keys.foreach_set(f"handle_{side}_type", np.full(len(points), _ALIGNED, np.int32))
        keys.foreach_set(f"handle_{side}", handles.astype(np.float32).ravel())


def curve_paths(action: bpy.types.Action) -> Iterator[tuple[bpy.types.ActionSlot | None, str]]:
    """Slot (None before Blender 4.4) and data path of every curve of an Action."""
    for slot, curve in curves_of(action):
        yield slot, curve.data_path


def curves_of(action: bpy.types.Action) -> Iterator[tuple[bpy.types.ActionSlot | None, bpy.types.FCurve]]:
    """Slot (None before Blender 4.4) and curve, of every curve of an Action."""
    if bpy.app.version < _SLOTTED_SINCE:
        for curve in action.fcurves:
            yield None, curve
        return
    for layer in action.layers:
        for strip in layer.strips:
            for bag in strip.channelbags:
                for curve in bag.fcurves:
                    yield bag.slot, curve


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
    return None if bpy.app.version < _SLOTTED_SINCE else data.action_slot


def slot_called(action: bpy.types.Action, identifier: str) -> bpy.types.ActionSlot | None:
    """The slot of that identifier; None if there is none, and before Blender 4.4."""
    slots = () if bpy.app.version < _SLOTTED_SINCE else action.slots
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
