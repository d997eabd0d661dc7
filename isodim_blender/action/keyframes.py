"""Tracks into a new Action by `foreach_set`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import bpy
import numpy as np
from numpy.typing import NDArray

from ...common.errors import InputError
from .. import slots
from ..steps import Steps, at_once
from .curves import Track

_CONSTANT, _ALIGNED = 0, 3  # what `foreach_set` takes for these items of a Keyframe's enumerations
Facts = Mapping[str, bool | int | float | str]


def write(
    armature: bpy.types.Object, name: str, tracks: Iterable[Track], first_frame: int, facts: Facts
) -> bpy.types.Action:
    """As `writing`, at once."""
    return at_once(writing(armature, name, tracks, first_frame, facts))


def writing(
    armature: bpy.types.Object, name: str, tracks: Iterable[Track], first_frame: int, facts: Facts
) -> Steps[bpy.types.Action]:
    """A new Action on `armature`: `tracks` from `first_frame` on, with `facts` as its custom properties.

    A step a track; only the last one changes the armature. The Action that was there before keeps a user of its own, so that it outlives saving and stays in the Action list.
    InputError, with nothing changed, if a key would be no number.
    """
    tracks = list(tracks)
    check_numbers(armature.name, tracks)
    yield
    action = bpy.data.actions.new(name)
    uid = action.session_uid
    try:
        slot = slots.new_slot(action, armature)
        new_curve = slots.curve_maker(action, slot)
        for track in tracks:
            slots.present(action)
            counted = np.arange(len(track.values)) if track.frames is None else track.frames
            times = (first_frame + counted).astype(np.float32)
            for component in track.free:
                _fill(new_curve(track.data_path, component, track.group), track, component, times)
            yield
    except BaseException:
        slots.remove(uid)
        raise
    for key, value in facts.items():
        action[key] = value
    data = armature.animation_data_create()
    if data.action is not None:
        data.action.use_fake_user = True
        if data.action.library is not None:  # a file keeps what is linked only while something of its own uses it
            action.isodim.linked_before = data.action
    slots.assign(data, action, slot)
    return action


class Playing:
    """What an armature plays now; `restore` brings it back in the place of an Action that `write` made, which is gone then."""

    def __init__(self, armature: bpy.types.Object) -> None:
        self._armature, self._data = armature, armature.animation_data
        self._action = None if self._data is None else self._data.action
        self._slot = None if self._data is None else slots.assigned_slot(self._data)
        self._kept = self._action is not None and self._action.use_fake_user

    def restore(self, written: bpy.types.Action) -> None:
        """As it was before `written`."""
        if self._data is None:
            self._armature.animation_data_clear()
        else:
            slots.assign(self._data, self._action, self._slot)
        if self._action is not None:
            self._action.use_fake_user = self._kept
        bpy.data.actions.remove(written)


def check_numbers(name: str, tracks: Iterable[Track]) -> None:
    """Nothing, if every key is a number that Blender can hold (float32); otherwise InputError: such a key breaks the rig's pose for good."""
    for track in tracks:
        with np.errstate(over="ignore"):
            held = np.asarray(track.values, np.float32)
        slopes = np.zeros(1) if track.slopes is None else track.slopes
        if not (np.isfinite(held).all() and np.isfinite(slopes).all()):
            raise InputError(
                f"Clip on {name}",
                f"no number in {track.data_path}",
                "a rig whose rest pose a clip fits: pose it standing, press Current Pose Is My Rest and try again",
            )


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
