"""What an armature does under an Action, as Blender evaluates it: constraints, drivers and object transforms included."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from ...common.errors import InputError
from .. import slots
from ..steps import Steps, at_once

_REST = {
    "location": (0.0, 0.0, 0.0), "rotation_quaternion": (1.0, 0.0, 0.0, 0.0), "rotation_euler": (0.0, 0.0, 0.0),
    "rotation_axis_angle": (0.0, 0.0, 1.0, 0.0), "scale": (1.0, 1.0, 1.0),
}  # fmt: skip
_ALONE = {"use_nla": False, "action_influence": 1.0, "action_blend_type": "REPLACE", "action_extrapolation": "HOLD"}

Record = Callable[..., NDArray[np.float64]]
"""(action, bones, frames=None) -> matrices [frame, bone, 4, 4]; without `frames` those of the Action's range."""


def check(armature: bpy.types.Object) -> None:
    """InputError if the armature's animation cannot be changed."""
    if armature.library is not None:
        raise InputError("Armature", armature.name, "a local armature, not one linked from another file")
    if armature.animation_data is not None and armature.animation_data.use_tweak_mode:
        raise InputError(
            "Armature", armature.name, "an armature outside the NLA's tweak mode (press Tab in the NLA editor)"
        )


def rest(armature: bpy.types.Object) -> None:
    """Every channel of every bone as at rest."""
    bones = armature.pose.bones
    for name, value in _REST.items():
        bones.foreach_set(name, np.tile(np.array(value, np.float32), len(bones)))


@contextlib.contextmanager
def studio(
    armature: bpy.types.Object, scene: bpy.types.Scene, name: str = "IsoDiM studio"
) -> Iterator[bpy.types.Scene]:
    """A scene at `scene`'s frame rate where the armature plays its Action alone, without the NLA; gone afterwards.

    The armature's Action, NLA and pose come back, keyed or not. InputError if its animation cannot be changed.
    """
    check(armature)
    had_data = armature.animation_data is not None
    data = armature.animation_data_create()
    playing, slot = data.action, slots.assigned_slot(data)
    played, pose = {key: getattr(data, key) for key in _ALONE}, _pose_of(armature)
    shown = armature.hide_viewport, armature.data.pose_position
    place = bpy.data.scenes.new(name)
    try:
        place.render.fps, place.render.fps_base = scene.render.fps, scene.render.fps_base
        place.collection.objects.link(armature)
        armature.hide_viewport, armature.data.pose_position = False, "POSE"
        _set(data, _ALONE)
        yield place
    finally:
        bpy.data.scenes.remove(place)
        slots.assign(data, playing, slot)
        _set(data, played)
        armature.hide_viewport, armature.data.pose_position = shown
        if not had_data:
            armature.animation_data_clear()
        bpy.context.view_layer.update()  # the Action's return sets what it keys; what was posed by hand comes after that
        pose()
        bpy.context.view_layer.update()


@contextlib.contextmanager
def recorder(armature: bpy.types.Object, scene: bpy.types.Scene) -> Iterator[Record]:
    """A function (action, bones) -> matrices [frame, bone, 4, 4] over the Action's range, one a scene frame.

    They are in armature space as it is at the Action's first frame, so what the object does from there on is in them.
    Channels that an Action does not key rest. InputError if the armature's animation cannot be changed.
    """
    with studio(armature, scene) as place:
        for bone in armature.pose.bones:
            _set(bone, _REST)
        yield lambda action, bones, frames=None: _record(armature, action, bones, place, frames)


def place_at_start(armature: bpy.types.Object, action: bpy.types.Action, scene: bpy.types.Scene) -> NDArray[np.float64]:
    """[4, 4]: the armature object's world matrix at the first frame of an Action that it plays alone."""
    with studio(armature, scene) as place:
        slots.assign(armature.animation_data, action, slots.slot_for(action, armature))
        place.frame_set(frames_of(action).start)
        return np.array(armature.evaluated_get(place.view_layers[0].depsgraph).matrix_world, np.float64)


def frames_of(action: bpy.types.Action) -> range:
    """The whole scene frames inside an Action's range, its manual range if it has one."""
    first, last = action.frame_range
    return range(math.ceil(first - 1e-4), math.floor(last + 1e-4) + 1)


def _record(
    armature: bpy.types.Object,
    action: bpy.types.Action,
    bones: Sequence[str],
    studio: bpy.types.Scene,
    frames: Sequence[int] | None,
) -> NDArray[np.float64]:
    slots.assign(armature.animation_data, action, slots.slot_for(action, armature))
    return at_once(played(armature, bones, studio, frames_of(action) if frames is None else frames))


def played(
    player: bpy.types.Object, bones: Sequence[str], studio: bpy.types.Scene, frames: Sequence[int]
) -> Steps[NDArray[np.float64]]:
    """Matrices [frame, bone, 4, 4] of what an armature object plays in `studio`, a step a frame, in its space at the first of them."""
    every = player.pose.bones
    columns = [every.find(name) for name in bones]
    values = np.empty(len(every) * 16, np.float32)
    matrices, places = np.empty((len(frames), len(bones), 4, 4)), np.empty((len(frames), 1, 4, 4))
    for row, frame in enumerate(frames):
        studio.frame_set(frame)
        evaluated = player.evaluated_get(studio.view_layers[0].depsgraph)
        evaluated.pose.bones.foreach_get("matrix", values)  # column by column
        matrices[row] = np.swapaxes(values.reshape(-1, 4, 4), -1, -2)[columns]
        places[row] = evaluated.matrix_world
        yield
    return np.linalg.inv(places[:1]) @ places @ matrices


def _pose_of(armature: bpy.types.Object) -> Callable[[], None]:
    """A function that brings back the pose of now, keyed or not.

    `foreach_set` and the tag DATA leave the animation alone; setting a bone's property has it evaluated over the value.
    """
    bones = armature.pose.bones
    channels = {name: np.empty(len(bones) * len(rest), np.float32) for name, rest in _REST.items()}
    for name, values in channels.items():
        bones.foreach_get(name, values)
    place = [(name, tuple(getattr(armature, name))) for name in _REST]
    switches = [
        (owner, key, value)
        for owner in (armature, *bones)
        for key, value in owner.items()
        if isinstance(value, int | float | str)
    ]

    def restore() -> None:
        for owner, key, value in switches:
            owner[key] = value
        for name, value in place:
            setattr(armature, name, value)
        for name, values in channels.items():
            bones.foreach_set(name, values)
        armature.update_tag(refresh={"DATA"})

    return restore


def _set(owner: Any, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(owner, name, value)
