"""What an Action plays, as one word: two words differ if anything that is played differs."""

from __future__ import annotations

import hashlib

import bpy
import numpy as np

from .. import slots
from ..steps import Steps, at_once
from . import versions

_MOST_KEPT = 32
_kept: dict[tuple[int, str], tuple[object, str]] = {}
_CURVES = 4
_ARRAYS = ("co", "handle_left", "handle_right")


def signature_of(action: bpy.types.Action, slot: str = "") -> str:
    """As `signing`, at once."""
    return at_once(signing(action, slot))


def signing(action: bpy.types.Action, slot: str = "") -> Steps[str]:
    """As `_hashed`, which is asked only where Blender tells of a change."""
    uid, version = action.session_uid, versions.version_of(action)
    kept = _kept.get((uid, slot))
    if kept is None or kept[0] != version:
        kept = version, (yield from _hashed(action, slot))
        _kept[uid, slot] = kept
        while len(_kept) > _MOST_KEPT:
            del _kept[next(iter(_kept))]
    return kept[1]


def _hashed(action: bpy.types.Action, slot: str) -> Steps[str]:
    """A hash of the curves of one slot (its identifier; empty before Blender 4.4): keys, handles, interpolation, switches.

    Some curves a step. Names, captions, selection and what else has no part in what is played are not in it.
    """
    digest = hashlib.blake2b(digest_size=16)
    for batch in slots.batches(action, _CURVES):
        for owner, curve in batch:
            if owner is None or owner.identifier == slot:
                _add(digest, curve)
        yield
    return digest.hexdigest()


def _add(digest: hashlib.blake2b, curve: bpy.types.FCurve) -> None:
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
