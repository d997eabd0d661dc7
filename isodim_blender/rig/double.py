"""A double of an armature, in a scene of its own, that plays what one wants to see while the armature itself stays as it is.

So reading and trying take as many steps as they need, and nobody sees them. Where something else is moved by the armature and moves it
in turn (an IK target that hangs on one of its bones), a double would follow the wrong one: there the armature plays by itself, at once.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence

import bpy
import numpy as np
from numpy.typing import NDArray

from .. import slots
from ..steps import Steps, one_step
from . import recording

Array = NDArray[np.float64]
Play = Callable[[bpy.types.Action, Sequence[str], Sequence[int]], Steps[Array]]
"""(action, bones, frames) -> matrices [frame, bone, 4, 4], as `recording.recorder` gives them, a frame a step."""

MARK = "isodim_double"
"""On what is there for a while only: it is removed where it outlives its use."""
_ALONE = {"use_nla": False, "action_influence": 1.0, "action_blend_type": "REPLACE", "action_extrapolation": "HOLD"}
_open: list[str] = []


class Stage:
    """armature: who plays. aside: it is a double, so that others may go on between the steps of `play`."""

    def __init__(self, armature: bpy.types.Object, aside: bool, play: Play) -> None:
        self.armature, self.aside, self.play = armature, aside, play


@contextlib.contextmanager
def stage(armature: bpy.types.Object, scene: bpy.types.Scene) -> Iterator[Stage]:
    """Where the armature's Actions are played alone, without the NLA, at `scene`'s frame rate; gone afterwards.

    Channels that an Action does not key rest. InputError if the armature's animation cannot be changed.
    """
    if not _stands_alone(armature):
        with recording.recorder(armature, scene) as record:
            yield Stage(armature, False, one_step(record))
        return
    recording.check(armature)
    twin, place = _twin(armature), bpy.data.scenes.new("IsoDiM studio")
    uids = twin.session_uid, place.session_uid
    _open.append(twin.name)
    try:
        place[MARK] = True
        place.render.fps, place.render.fps_base = scene.render.fps, scene.render.fps_base
        place.collection.objects.link(twin)
        recording.rest(twin)
        yield Stage(twin, True, lambda action, bones, frames: _played(armature, twin, place, action, bones, frames))
    finally:
        _open.pop()
        _remove(uids)


def _played(
    armature: bpy.types.Object,
    twin: bpy.types.Object,
    place: bpy.types.Scene,
    action: bpy.types.Action,
    bones: Sequence[str],
    frames: Sequence[int],
) -> Steps[Array]:
    slots.assign(twin.animation_data, action, slots.slot_for(action, twin) or slots.slot_for(action, armature))
    return (yield from recording.played(twin, bones, place, frames))


def _twin(armature: bpy.types.Object) -> bpy.types.Object:
    """A copy that shares the bones' data; constraints and drivers that read the armature itself read the copy: Blender sees to that."""
    twin = armature.copy()
    names = tuple(twin.keys())
    for name in names:
        if name.startswith("isodim_"):
            del twin[name]
    twin[MARK] = True
    twin.hide_viewport, twin.use_fake_user = False, False
    data = twin.animation_data_create()
    for track in list(data.nla_tracks):
        data.nla_tracks.remove(track)
    for name, value in _ALONE.items():
        setattr(data, name, value)
    return twin


def _stands_alone(armature: bpy.types.Object) -> bool:
    """Whether nothing that moves a bone is moved by the armature in turn, and its data show the pose."""
    if armature.data.pose_position != "POSE" or armature.override_library is not None:
        return False
    targets = {
        target
        for bone in armature.pose.bones
        for constraint in bone.constraints
        for target in (getattr(constraint, "target", None), getattr(constraint, "pole_target", None))
        if target is not None and target != armature
    }
    return not any(_hangs_on(target, armature) for target in targets)


def _hangs_on(item: bpy.types.Object, armature: bpy.types.Object) -> bool:
    seen: list[bpy.types.Object] = []
    todo = [item]
    while todo:
        item = todo.pop()
        if item == armature:
            return True
        if item not in seen:
            seen.append(item)
            above = [item.parent, *(getattr(constraint, "target", None) for constraint in item.constraints)]
            todo += [one for one in above if one is not None]
    return False


def _remove(uids: tuple[int, int]) -> None:
    """Found again, since a person may have undone something or opened a file meanwhile."""
    for item in [item for item in bpy.data.objects if item.session_uid == uids[0] and MARK in item]:
        bpy.data.objects.remove(item)
    for place in [place for place in bpy.data.scenes if place.session_uid == uids[1] and MARK in place]:
        bpy.data.scenes.remove(place)


@bpy.app.handlers.persistent
def _tidy(*_arguments: object) -> None:
    """An undo step or a file that was saved while a double played holds it."""
    if _open:
        return
    for collection in (bpy.data.objects, bpy.data.scenes):
        for item in [item for item in collection if MARK in item]:
            collection.remove(item)


_HANDLERS = ("undo_post", "redo_post", "load_post")


def register() -> None:
    """Looks for leftovers where a file changes as a whole."""
    for name in _HANDLERS:
        getattr(bpy.app.handlers, name).append(_tidy)


def unregister() -> None:
    """Backward."""
    for name in _HANDLERS:
        getattr(bpy.app.handlers, name).remove(_tidy)
