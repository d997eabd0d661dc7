"""Which frames of an armature's Action an edit means, and whether they can be edited."""

from __future__ import annotations

import dataclasses
import math
import time

import bpy
import numpy as np

from ...common.errors import InputError
from ...common.wire import requests
from .. import slots
from ..rig import recording
from ..steps import Sliced, Steps
from ..work import session

MIN_FRAMES = 4
_CURVES = 8
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


def of(scene: bpy.types.Scene, armature: bpy.types.Object | None, source: str, typed: tuple[int, int]) -> Steps[Span]:
    """The span that `source` (an item of `settings.SOURCE`) means. InputError if it means none."""
    asks = source == "KEYS" or (source == "AUTOMATIC" and _preview(scene) is None)
    return _chosen(scene, (yield from _selected(armature)) if asks else None, source, typed)


def shown(scene: bpy.types.Scene, armature: bpy.types.Object | None, source: str, typed: tuple[int, int]) -> Span:
    """As `of`, for a panel that is drawn many times a second: which keys are selected is looked for in slices and now and then."""
    return _chosen(scene, _looking.selected(armature), source, typed)


def _chosen(scene: bpy.types.Scene, keys: Span | None, source: str, typed: tuple[int, int]) -> Span:
    ways = {"PREVIEW": _preview(scene), "KEYS": keys, "MARKERS": _between_markers(scene)}
    if source in ways:
        span = ways[source]
        if span is None:
            raise InputError("Range", source, _MISSING[source])
        return span
    found = None
    if source == "AUTOMATIC":
        found = next((span for span in ways.values() if span is not None), None)
    return found or Span(*typed, TYPED)


class _Looking:
    """What was found of the Action that was looked at last, while it is looked at again."""

    def __init__(self) -> None:
        self._action, self._until, self._took = 0, 0.0, 0.0
        self._found: Span | None = None
        self._looking: Sliced[Span | None] | None = None

    def selected(self, armature: bpy.types.Object | None) -> Span | None:
        """The selected keys of an armature; until they are found those that were selected before, or none."""
        data = None if armature is None else armature.animation_data
        action = 0 if data is None or data.action is None else data.action.session_uid
        if action != self._action:
            self._action, self._found, self._until, self._looking = action, None, 0.0, None
        if self._looking is None and time.perf_counter() >= self._until:
            self._looking, self._took = Sliced(_selected(armature)), 0.0
        self._go_on()
        while bpy.app.background and self._looking is not None:
            self._go_on()
        if self._looking is not None and not bpy.app.timers.is_registered(self._on_timer):
            bpy.app.timers.register(self._on_timer)
        return self._found

    def _go_on(self) -> None:
        if self._looking is None:
            return
        began = time.perf_counter()
        try:
            more = self._looking.go_on(_SLICE_S)
        except ReferenceError:  # the Action is gone; whoever asks next names another
            self._looking = None
            return
        now = time.perf_counter()
        self._took += now - began
        if not more:
            self._found, self._looking, self._until = self._looking.value, None, now + _RESTS * self._took

    def _on_timer(self) -> float | None:
        self._go_on()
        if self._looking is not None:
            return 0.0
        session.redraw(session.SHOWN_IN, {"UI"})
        return None


_looking = _Looking()
_SLICE_S = 0.005
_RESTS = 10.0
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
    slot = _slot(armature, action)
    return [curve for other, curve in slots.curves_of(action) if other == slot]


def _slot(armature: bpy.types.Object, action: bpy.types.Action) -> bpy.types.ActionSlot | None:
    data = armature.animation_data
    assigned = slots.assigned_slot(data) if data is not None and data.action == action else None
    return assigned or slots.slot_for(action, armature)


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


def _selected(armature: bpy.types.Object | None) -> Steps[Span | None]:
    """None where the selected keys reach from the first key to the last, too: Blender selects some of new ones."""
    data = None if armature is None else armature.animation_data
    if armature is None or data is None or data.action is None:
        return None
    action, slot = data.action, _slot(armature, data.action)
    identifier = None if slot is None else slot.identifier
    firsts, lasts, ends = [], [], []
    for batch in slots.batches(action, _CURVES):
        for owner, curve in batch:
            points = curve.keyframe_points
            if len(points) == 0 or (owner is not None and owner.identifier != identifier):
                continue
            selected = np.empty(len(points), bool)
            points.foreach_get("select_control_point", selected)
            ends += [points[0].co.x, points[-1].co.x]
            if selected.any():  # keys are in the order of their frames
                firsts.append(points[int(selected.argmax())].co.x)
                lasts.append(points[len(points) - 1 - int(selected[::-1].argmax())].co.x)
        yield
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
