"""New curves in some frames of an Action; at all times outside, and between frames there, every channel plays on as it did.

At a border that has no key one is inserted (`borders`). A channel without keys gets its held value there. Curves that are muted or
locked are not touched; modifiers and baked samples cannot be cut and are refused.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping, Sequence

import bpy
import numpy as np
from numpy.typing import NDArray

from ...common.errors import InputError
from .. import slots
from ..steps import Steps, at_once
from . import borders, keyframes
from .borders import Keys
from .curves import Track

Array = NDArray[np.float64]
Curves = Mapping[tuple[str, int], bpy.types.FCurve]

_POINTS = ("co", "handle_left", "handle_right")
_KINDS = ("handle_left_type", "handle_right_type", "interpolation", "easing", "type")
_NUMBERS = ("back", "amplitude", "period")
_FLAGS = ("select_control_point", "select_left_handle", "select_right_handle")
_WHOLE = ("rotation_quaternion", "rotation_axis_angle")


@dataclasses.dataclass(frozen=True)
class Window:
    """The frames `first` to `last` of an Action, both replaced. open_start, open_end: whether all before or after is too."""

    first: int
    last: int
    open_start: bool = False
    open_end: bool = False

    @property
    def begin(self) -> int:
        """The border before the range, or its first frame where it is open."""
        return self.first if self.open_start else self.first - 1

    @property
    def end(self) -> int:
        """The border after the range, or its last frame where it is open."""
        return self.last if self.open_end else self.last + 1


@dataclasses.dataclass(frozen=True)
class Replaced:
    """channels: how many got new keys. skipped: data paths that are muted or locked, left as they were."""

    channels: int
    skipped: tuple[str, ...]


def editable(curves: Curves, tracks: Sequence[Track]) -> tuple[list[Track], tuple[str, ...]]:
    """The tracks without what is muted or locked, and the data paths of that.

    Parts of a quaternion or of an axis and angle mean nothing alone: with one of them out, all are. InputError for curves
    that cannot be cut.
    """
    left, skipped = [], []
    for track in tracks:
        found = {index: curves.get((track.data_path, index)) for index in track.free}
        out = {index for index, curve in found.items() if curve is not None and _is_closed(curve)}
        if out:
            skipped.append(track.data_path)
            if track.data_path.endswith(_WHOLE):
                continue
        for index in set(found) - out:
            _check(found[index])
        free = tuple(index for index in track.free if index not in out)
        if free:
            left.append(dataclasses.replace(track, free=free))
    return left, tuple(skipped)


def _is_closed(curve: bpy.types.FCurve) -> bool:
    group = curve.group
    return curve.mute or curve.lock or (group is not None and (group.mute or group.lock))


def _check(curve: bpy.types.FCurve | None) -> None:
    if curve is None:
        return
    name = f"{curve.data_path}[{curve.array_index}]"
    active = next((item.type for item in curve.modifiers if not item.mute), None)
    if active is not None:
        raise InputError("Curve", name, f"a curve without the modifier {active} (bake or mute it)")
    if len(curve.sampled_points):
        raise InputError("Curve", name, "a curve with keyframes: it is baked to samples")


def played(
    armature: bpy.types.Object, curves: Curves, track: Track, frames: Collection[float] | NDArray[np.integer]
) -> Array:
    """[frame, component]: what the property has at `frames`: of a component without keys, its value of now."""
    held = _held(armature, track.data_path)
    values = np.tile(held, (len(frames), 1))
    for index in range(len(held)):
        curve = curves.get((track.data_path, index))
        if curve is not None and len(curve.keyframe_points):
            values[:, index] = [curve.evaluate(frame) for frame in frames]
    return values


def _held(armature: bpy.types.Object, path: str) -> Array:
    """[component]: what the property of a data path has now; of a custom one that is a choice, its number."""
    value = armature.path_resolve(path)
    if isinstance(value, str):
        owner, _, key = path.rpartition("[")
        value = armature.path_resolve(owner)[bpy.utils.unescape_identifier(key[1:-2])]
    return np.atleast_1d(np.array(value, np.float64))


def jumps(track: Track) -> bool:
    """Whether the last value is another turn or another sign than the one before: then nothing lies between the two."""
    if not track.mode or len(track.values) < 2:
        return False
    one, other = track.values[-2:]
    if track.mode == "QUATERNION":
        return bool(one @ other < 0.0)
    if track.mode == "AXIS_ANGLE":
        return bool(one[1:] @ other[1:] < 0.0 or abs(one[0] - other[0]) > np.pi)
    return bool((np.abs(one - other) > np.pi).any())


def replace(
    armature: bpy.types.Object,
    action: bpy.types.Action,
    slot: bpy.types.ActionSlot | None,
    tracks: Sequence[Track],
    window: Window,
) -> Replaced:
    """As `replacing`, at once."""
    return at_once(replacing(armature, action, slot, tracks, window))


def replacing(
    armature: bpy.types.Object,
    action: bpy.types.Action,
    slot: bpy.types.ActionSlot | None,
    tracks: Sequence[Track],
    window: Window,
) -> Steps[Replaced]:
    """Puts `tracks` into a slot (None before Blender 4.4) of `action`, which `armature` plays or will play, a curve a step.

    The tracks' frames are counted from `window.begin`, and reach to `window.end`; at borders the old value stays, whatever theirs
    is. InputError, with nothing changed, for curves that cannot be cut there.
    """
    keyframes.check_numbers(armature.name, tracks)
    curves = slots.curves_by_channel(action, slot)
    allowed, skipped = editable(curves, tracks)
    plans = []
    for track in allowed:
        for index in track.free:
            plans.append((track, index, _planned(armature, curves.get((track.data_path, index)), track, index, window)))
            yield
            slots.present(action)
    for track, index, plan in plans:
        if plan is not None and not all(np.isfinite(plan[1][name]).all() for name in _POINTS):
            raise InputError(
                "Curve",
                f"no number in {track.data_path}[{index}]",
                "a curve of numbers: delete the keys that are none, or clear the transform",
            )
    new_curve = slots.curve_maker(action, slot)
    count = 0
    for track, index, plan in plans:
        if plan is not None:
            curve = curves.get((track.data_path, index)) or new_curve(track.data_path, index, track.group)
            _write(curve, *plan)
            count += 1
            yield
            slots.present(action)
    return Replaced(count, skipped)


def _planned(
    armature: bpy.types.Object, curve: bpy.types.FCurve | None, track: Track, index: int, window: Window
) -> tuple[Keys | None, Keys, int, int] | None:
    """The keys that a curve has, None without any; all that it will have; how many at its start and its end are not new.

    None for a switch that stays as it is.
    """
    has_keys, linear = False, False
    held = 0.0
    value: Callable[[float], float] = lambda _frame: held  # noqa: E731 - the other one is Blender's
    if curve is not None and len(curve.keyframe_points) > 0:
        has_keys, linear = True, curve.extrapolation == "LINEAR"
        keys, value = _read(curve), curve.evaluate
    else:
        held = float(_held(armature, track.data_path)[index])
        keys = _one_key(window.begin, held)
    if track.constant and _stays(keys, value, float(track.values[0, index]), window):
        return None
    old = keys["co"][:, 0]
    selected = has_keys and bool(keys["select_control_point"][(old >= window.begin) & (old <= window.end)].any())
    inside = _inside(track, index, window, selected)
    left = None if window.open_start else borders.before(keys, window.begin, value(window.begin), linear)
    right = None if window.open_end else borders.after(keys, window.end, value(window.end), linear)
    _lean(track, index, window, value, left, inside, right)
    parts = [part for part in (left, inside, right) if part is not None]
    whole = {name: np.concatenate([part[name] for part in parts]) for name in keys}
    before, after = (0 if part is None else len(part["co"]) for part in (left, right))
    return keys if has_keys else None, whole, before, after


def _stays(keys: Keys, value: Callable[[float], float], wanted: float, window: Window) -> bool:
    times, values = keys["co"].T
    inside = values[(times >= window.begin) & (times <= window.end)]
    ends = [value(window.begin), value(window.end)]
    return bool(np.all(np.append(inside, ends) == np.float32(wanted)))


def _inside(track: Track, index: int, window: Window, selected: bool) -> Keys:
    """The new keys, without those at borders."""
    if track.constant:
        times, values, slopes = np.array([window.first]), track.values[:1, index], None
    else:
        counted = np.arange(len(track.values)) if track.frames is None else track.frames
        times = window.begin + counted
        rows = (times >= window.first) & (times <= window.last)
        times, values = times[rows], track.values[rows, index]
        slopes = None if track.slopes is None else track.slopes[rows, index]
    made = _blank(len(times), selected)
    made["co"][:] = np.stack([times, values], axis=-1)
    made["interpolation"][:] = borders.CONSTANT if track.constant else borders.BEZIER
    if not window.open_end and jumps(track):
        made["interpolation"][-1:] = borders.CONSTANT
    if slopes is not None and track.frames is not None:
        every = window.begin + track.frames
        near = np.searchsorted(every, times)
        for name, toward in (("handle_left", -1), ("handle_right", 1)):
            other = every[np.clip(near + toward, 0, len(every) - 1)]
            third = np.where(other == times, toward, other - times) / 3.0
            made[name][:] = np.stack([times + third, values + third * slopes], axis=-1)
            made[f"{name}_type"][:] = borders.ALIGNED
    return made


def _lean(
    track: Track,
    index: int,
    window: Window,
    value: Callable[[float], float],
    left: Keys | None,
    inside: Keys,
    right: Keys | None,
) -> None:
    """The border keys' inner handles: the speed of the fitted curve, or the mean speed of both sides."""
    for border, row, toward in ((left, -1, 1), (right, 0, -1)):
        if border is None:
            continue
        if toward > 0:
            border["interpolation"][row] = borders.CONSTANT if track.constant else borders.BEZIER
        if track.constant:
            continue
        at, here = (float(number) for number in border["co"][row])
        next_co = inside["co"][0 if toward > 0 else -1] if len(inside["co"]) else None
        if next_co is None:
            other = right if toward > 0 else left
            next_co = np.array([window.end, here]) if other is None else other["co"][0 if toward > 0 else -1]
        gap = float(next_co[0]) - at
        if track.slopes is not None:
            slope = float(track.slopes[0 if toward > 0 else -1, index])
        else:
            slope = (float(next_co[1]) - value(at - toward)) / (gap + toward)
        if abs(gap) > 0.0:
            border["handle_right" if toward > 0 else "handle_left"][row] = at + gap / 3.0, here + gap / 3.0 * slope


def _blank(count: int, selected: bool = False) -> Keys:
    made: Keys = {name: np.zeros((count, 2), np.float32) for name in _POINTS}
    made |= {name: np.zeros(count, np.int32) for name in _KINDS}
    made |= {name: np.zeros(count, np.float32) for name in _NUMBERS}
    made |= {name: np.full(count, selected) for name in _FLAGS}
    made["handle_left_type"][:] = made["handle_right_type"][:] = borders.AUTO_CLAMPED
    made["interpolation"][:] = borders.BEZIER
    return made


def _one_key(frame: float, value: float) -> Keys:
    made = _blank(1)
    for shift, name in zip((0.0, -1.0, 1.0), _POINTS, strict=True):
        made[name][0] = frame + shift, value
    return made


def _read(curve: bpy.types.FCurve) -> Keys:
    points = curve.keyframe_points
    keys = _blank(len(points))
    for name, values in keys.items():
        flat = values.ravel()
        points.foreach_get(name, flat)
        keys[name] = flat.reshape(values.shape)
    return keys


def _write(curve: bpy.types.FCurve, old: Keys | None, keys: Keys, left: int, right: int) -> None:
    """`update` places the handles of new keys; those of the first `left` and last `right` keys come back exactly."""
    points = curve.keyframe_points
    if old is None or len(old["co"]) != len(keys["co"]):
        old = None
        points.clear()
        points.add(len(keys["co"]))
    for name, values in keys.items():
        if old is None or not np.array_equal(values, old[name]):
            points.foreach_set(name, values.ravel())
    curve.update()
    inside = slice(left, len(keys["co"]) - right)
    for name in _POINTS[1:]:
        placed = np.empty(keys[name].size, np.float32)
        points.foreach_get(name, placed)
        whole = keys[name].copy()
        whole[inside] = placed.reshape(-1, 2)[inside]
        points.foreach_set(name, whole.ravel())
