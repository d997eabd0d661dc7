"""Which frames of an armature's Action an edit means, and whether they can be edited."""

from __future__ import annotations

import dataclasses
import math
import time
from typing import Any

import bpy
import numpy as np

from ...common.errors import InputError
from ...common.wire import requests
from .. import slots
from ..rig import recording

MIN_FRAMES = 4
TYPED = "typed"
_TRANSFORMS = ("location", "rotation_quaternion", "rotation_euler", "rotation_axis_angle")


@dataclasses.dataclass(frozen=True)
class Span:
    """Whole scene frames, `first` to `last`, both edited. origin: where they come from, in an animator's words."""

    first: int
    last: int
    origin: str

    @property
    def frames(self) -> int:
        """How many."""
        return self.last - self.first + 1


def of(scene: bpy.types.Scene, armature: bpy.types.Object | None, source: str, typed: tuple[int, int]) -> Span:
    """The span that `source` (an item of `settings.SOURCE`) means. InputError if it means none."""
    ways = {"PREVIEW": _preview(scene), "KEYS": _selected(armature), "MARKERS": _between_markers(scene)}
    if source in ways:
        span = ways[source]
        if span is None:
            raise InputError("Range", source, _MISSING[source])
        return span
    found = None
    if source == "AUTOMATIC":
        found = next((span for span in ways.values() if span is not None), None)
    return found or Span(*typed, TYPED)


def shown(scene: bpy.types.Scene, armature: bpy.types.Object | None, source: str, typed: tuple[int, int]) -> Span:
    """As `of`, for a panel that is drawn many times a second: what took long to find is looked for again only after a while."""
    data = None if armature is None else armature.animation_data
    key = (
        None if data is None or data.action is None else data.action.session_uid,
        None if scene is None else (scene.session_uid, scene.use_preview_range, scene.frame_preview_start),
        (scene.frame_preview_end, scene.frame_current, tuple(marker.frame for marker in scene.timeline_markers)),
        (source, typed),
    )
    now = time.perf_counter()
    if _shown.get("key") == key and now < _shown["until"]:
        if isinstance(_shown["span"], InputError):
            raise _shown["span"]
        return _shown["span"]
    found: Span | InputError
    try:
        found = of(scene, armature, source, typed)
    except InputError as error:
        found = error
    took = time.perf_counter() - now
    _shown.update(key=key, until=now + took * _RESTS, span=found)
    if isinstance(found, InputError):
        raise found
    return found


_shown: dict[str, Any] = {}
_RESTS = 11.0
"""A search that took so long is not made again for ten times as long: it takes a tenth of the redraws' time at most."""

_MISSING = {
    "PREVIEW": "a preview range that is on (P in the Timeline)",
    "KEYS": "selected keys of the armature over two frames or more, but not from its first to its last",
    "MARKERS": "a marker at or before the current frame and one after it (M in the Timeline)",
}


def check(span: Span, armature: bpy.types.Object, action: bpy.types.Action, keyed: bool = True) -> Span:
    """The same span if it can be edited; otherwise InputError, one sentence. `keyed`: it has to hold keys."""
    check_length(span)
    frames = recording.frames_of(action)
    if len(frames) == 0 or span.first < frames[0] or span.last > frames[-1]:
        inside = f"frames inside {action.name}, {action.frame_range[0]:g} to {action.frame_range[1]:g}"
        raise InputError("Range", (span.first, span.last), inside)
    if keyed and not any(_has_key(curve, span) for curve in curves_of(armature, action)):
        raise InputError("Range", (span.first, span.last), f"frames with keys of {armature.name}")
    check_channels(armature, action)
    return span


def check_length(span: Span) -> None:
    """InputError unless a span goes forward and is neither too short nor too long."""
    if span.last < span.first:
        raise InputError("Range", (span.first, span.last), "a first frame that is not after the last")
    if not MIN_FRAMES <= span.frames <= requests.MAX_CLIP_FRAMES:
        raise InputError("Range", f"{span.frames} frames", f"{MIN_FRAMES} to {requests.MAX_CLIP_FRAMES} frames")


def check_channels(armature: bpy.types.Object, action: bpy.types.Action) -> None:
    """InputError if a channel that moves the armature is muted or locked."""
    for curve in curves_of(armature, action):
        if not curve.data_path.endswith(_TRANSFORMS):
            continue
        for word, shut in (("muted", curve.mute), ("locked", curve.lock)):
            if shut or (curve.group is not None and getattr(curve.group, "mute" if word == "muted" else "lock")):
                raise InputError("Channel", f"{curve.data_path}[{curve.array_index}]", f"one that is not {word}")


def curves_of(armature: bpy.types.Object, action: bpy.types.Action) -> list[bpy.types.FCurve]:
    """The curves of the armature's slot."""
    data = armature.animation_data
    assigned = slots.assigned_slot(data) if data is not None and data.action == action else None
    slot = assigned or slots.slot_for(action, armature)
    return [curve for other, curve in slots.curves_of(action) if other == slot]


def key_times(armature: bpy.types.Object, action: bpy.types.Action) -> np.ndarray:
    """[key] frames of all keys of the armature's curves, sorted, each once."""
    times = [_points(curve) for curve in curves_of(armature, action)]
    return np.unique(np.concatenate(times)) if times else np.empty(0, np.float32)


def _points(curve: bpy.types.FCurve) -> np.ndarray:
    """[key] frames."""
    points = np.empty(2 * len(curve.keyframe_points), np.float32)
    curve.keyframe_points.foreach_get("co", points)
    return points[::2]


def _has_key(curve: bpy.types.FCurve, span: Span) -> bool:
    times = _points(curve)
    return bool(((times >= span.first) & (times <= span.last)).any())


def _preview(scene: bpy.types.Scene) -> Span | None:
    if not scene.use_preview_range:
        return None
    return Span(scene.frame_preview_start, scene.frame_preview_end, "preview range")


def _selected(armature: bpy.types.Object | None) -> Span | None:
    """None where the selected keys reach from the first key to the last, too: Blender selects some of new ones."""
    data = None if armature is None else armature.animation_data
    if data is None or data.action is None:
        return None
    firsts, lasts, ends = [], [], []
    for curve in curves_of(armature, data.action):
        points = curve.keyframe_points
        if len(points) == 0:
            continue
        selected = np.empty(len(points), bool)
        points.foreach_get("select_control_point", selected)
        ends += [points[0].co.x, points[-1].co.x]
        if selected.any():  # keys are in the order of their frames
            firsts.append(points[int(selected.argmax())].co.x)
            lasts.append(points[len(points) - 1 - int(selected[::-1].argmax())].co.x)
    if not firsts:
        return None
    first, last = math.floor(min(firsts)), math.ceil(max(lasts))
    whole = first <= min(ends) and last >= max(ends)
    return Span(first, last, "selected keys") if last > first and not whole else None


def _between_markers(scene: bpy.types.Scene) -> Span | None:
    frames = [marker.frame for marker in scene.timeline_markers]
    before = [frame for frame in frames if frame <= scene.frame_current]
    after = [frame for frame in frames if frame > scene.frame_current]
    return Span(max(before), min(after), "markers") if before and after else None
