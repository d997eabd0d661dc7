"""What an Action plays, as one word: two words differ if anything that is played differs."""

from __future__ import annotations

import hashlib

import bpy
import numpy as np

from .. import slots

_ARRAYS = ("co", "handle_left", "handle_right")


def signature_of(action: bpy.types.Action, slot: str = "") -> str:
    """A hash of the curves of one slot (its identifier; empty before Blender 4.4): keys, handles, interpolation, switches.

    4 ms for 65 bones and 200 frames. Names, captions, selection and what else has no part in what is played are not in it.
    """
    digest = hashlib.blake2b(digest_size=16)
    for owner, curve in slots.curves_of(action):
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
