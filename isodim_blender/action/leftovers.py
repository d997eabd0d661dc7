"""Channels that a clip leaves alone but that hold a value of before: of the bones it moves, they get one key at rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .. import slots
from . import rotation_modes
from .curves import Track

if TYPE_CHECKING:
    import bpy

_REST = {"location": (0.0, 0.0, 0.0), "scale": (1.0, 1.0, 1.0)}


def tracks(armature: bpy.types.Object, moved: Sequence[Track], root: str | None) -> list[Track]:
    """One-key tracks beside `moved` such that nothing of before shows: [key, component] in the property's own unit.

    A bone that is turned by `moved` goes back from where it was shifted by hand or by another Action. What the Action that
    is replaced keyed on these bones and on `root`, the bone that can carry the travel, goes back too: without its curves it
    would stand wherever the current frame left it. A root bone placed by hand stays: so a figure is put somewhere.
    """
    keyed = _keyed(armature)
    taken = {track.data_path for track in moved}
    names = dict.fromkeys(track.bone for track in moved if track.bone is not None)
    found = []
    for name in [*names, *([root] if root is not None and root not in names else [])]:
        bone = armature.pose.bones[name]
        mode = bone.rotation_mode
        identity = rotation_modes.from_quaternions(mode, np.array([[1.0, 0.0, 0.0, 0.0]]))[0]
        for channel, rest in (*_REST.items(), (rotation_modes.CHANNELS[mode], identity)):
            path = f"{bone.path_from_id()}.{channel}"
            shifted = channel == "location" and name in names and not bone.bone.use_connect
            if path in taken or not (shifted or path in keyed):
                continue
            locks = _locks(bone, channel)
            away = ~np.isclose(getattr(bone, channel), rest, atol=1e-7) & ~np.array(locks)
            if away.any():
                free = np.flatnonzero(~np.array(locks)).tolist() if len(rest) == 4 else np.flatnonzero(away).tolist()
                turns = mode if channel.startswith("rotation") else ""
                key = np.array([rest], np.float64)
                found.append(
                    Track(path, name, key, tuple(free), name, turns, frames=np.zeros(1, np.int64), constant=True)
                )
    return found


def _keyed(armature: bpy.types.Object) -> set[str]:
    """Data paths that the Action which is there has curves of."""
    data = armature.animation_data
    if data is None or data.action is None:
        return set()
    slot = slots.assigned_slot(data)
    return {path for owner, path in slots.curve_paths(data.action) if owner == slot}


def _locks(bone: bpy.types.PoseBone, channel: str) -> list[bool]:
    if channel in _REST:
        return list(bone.lock_location if channel == "location" else bone.lock_scale)
    locks = list(bone.lock_rotation)
    if bone.rotation_mode in ("QUATERNION", "AXIS_ANGLE"):
        return [any(locks) or (bone.lock_rotations_4d and bone.lock_rotation_w)] * 4
    return locks
