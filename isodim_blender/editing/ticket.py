"""What a job was begun for, so that its result reaches that and nothing else.

Data-blocks are told by session_uid: a name may change, a pointer does not outlive an undo, and another file has other uids.
"""

from __future__ import annotations

import dataclasses
import hashlib

import bpy
import numpy as np

from ...common.errors import InputError
from ..action import keyframes
from . import preview

_ARRAYS = ("co", "handle_left", "handle_right")


@dataclasses.dataclass(frozen=True)
class Ticket:
    """An Action as it was when a job began, and who plays it. signature: `signature_of` the Action then."""

    scene_uid: int
    armature_uid: int
    action_uid: int
    slot: str
    signature: str


@dataclasses.dataclass(frozen=True)
class Holder:
    """Where a result belongs. changed: why it must only be offered, one sentence; empty if it can be put at once."""

    scene: bpy.types.Scene
    armature: bpy.types.Object
    changed: str


def take(armature: bpy.types.Object, scene: bpy.types.Scene) -> Ticket:
    """The ticket of the armature's Action as it is; InputError if it cannot be edited."""
    action = preview.editable(armature)
    slot = keyframes.assigned_slot(armature.animation_data)
    name = "" if slot is None else slot.identifier
    return Ticket(scene.session_uid, armature.session_uid, action.session_uid, name, signature_of(action, name))


def holder(ticket: Ticket) -> Holder:
    """Who gets the result now. InputError if the scene or the armature is gone: then the result is dropped.

    Renaming changes nothing; a file that was opened meanwhile has none of the uids.
    """
    scene = _by_uid(bpy.data.scenes, ticket.scene_uid)
    if scene is None:
        raise InputError("Scene", "deleted while the edit was made", "a scene that is still there")
    armature = _by_uid(bpy.data.objects, ticket.armature_uid)
    if armature is None or not armature.users_scene:
        raise InputError("Armature", "deleted while the edit was made", "an armature that is still there")
    return Holder(scene, armature, _changed(ticket, armature))


def _changed(ticket: Ticket, armature: bpy.types.Object) -> str:
    data = armature.animation_data
    action = None if data is None else data.action
    if action is None or action.session_uid != ticket.action_uid:
        return f"{armature.name} plays another Action than when the edit began."
    slot = keyframes.assigned_slot(data)
    if ("" if slot is None else slot.identifier) != ticket.slot:
        return f"{armature.name} plays another slot of {action.name} than when the edit began."
    if signature_of(action, ticket.slot) != ticket.signature:
        return f"{action.name} was changed while the edit was made."
    return ""


def signature_of(action: bpy.types.Action, slot: str = "") -> str:
    """A hash of the curves of one slot (its identifier; empty before Blender 4.4): keys, handles, interpolation, switches.

    4 ms for 65 bones and 200 frames. Names, captions, selection and what else has no part in what is played are not in it.
    """
    digest = hashlib.blake2b(digest_size=16)
    for owner, curve in keyframes.curves_of(action):
        if owner is not None and owner.identifier != slot:
            continue
        kinds = [item.type for item in curve.modifiers]
        digest.update(repr((curve.data_path, curve.array_index, curve.mute, curve.extrapolation, kinds)).encode())
        keys = curve.keyframe_points
        points = np.empty(2 * len(keys), np.float32)
        for name in _ARRAYS:
            keys.foreach_get(name, points)
            digest.update(points.tobytes())
        kinds_of_keys = np.empty(len(keys), np.int32)
        keys.foreach_get("interpolation", kinds_of_keys)
        digest.update(kinds_of_keys.tobytes())
    return digest.hexdigest()


def _by_uid(items: bpy.types.bpy_prop_collection, uid: int) -> bpy.types.ID | None:
    return next((item for item in items if item.session_uid == uid), None)
