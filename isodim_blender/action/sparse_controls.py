"""Sparse keys on a control rig: how far joints are off is judged on the bones that follow, as Blender evaluates them."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence

import bpy
import numpy as np
from numpy.typing import NDArray

from .. import slots
from ..rig import double, recording
from ..rig.rigged import Rigged
from ..steps import Steps, at_once, beside
from . import keyframes, sparse
from .curves import Track

Array = NDArray[np.float64]

_ATTEMPTS = 8
_CUT, _NEAR = 0.8, 3


def fit_keys(rigged: Rigged, tracks: Sequence[Track], max_degrees: float, max_cm: float) -> Steps[sparse.Sparse]:
    """As `sparse.fit_keys`, but the bound in cm holds for the mapped bones' heads; that in degrees for what is keyed.

    What an error of a control does to a bent knee is known only to the rig, so it is played, and the bounds on the controls
    are lowered on the frames concerned until the mapped bones keep theirs; should they never, every frame keeps its key.
    """
    with double.stage(rigged.armature, bpy.context.scene) as stage:
        fitting = _fitted(rigged, tracks, max_degrees, max_cm, stage)
        return (yield from fitting) if stage.aside else at_once(fitting)


def _fitted(
    rigged: Rigged, tracks: Sequence[Track], max_degrees: float, max_cm: float, stage: double.Stage
) -> Steps[sparse.Sparse]:
    bones = [bone for chain in rigged.fit.bone_map.slots.values() for bone in chain]
    share = np.ones(max(len(track.values) for track in tracks))
    scale = rigged.fit.scale
    wanted = yield from _play(stage, tracks, bones)
    for _ in range(_ATTEMPTS):
        found = yield from beside(
            functools.partial(sparse.fit_keys, rigged.rest, tracks, max_degrees, max_cm, scale, share)
        )
        heads = yield from _play(stage, found.tracks, bones)
        excess = np.linalg.norm(heads - wanted, axis=-1).max(axis=1) / scale * 100.0 / max_cm
        if excess.max() <= 1.0:
            return dataclasses.replace(found, cm=float(excess.max() * max_cm))
        # Everywhere a little too: keys that move for one frame's sake disturb others.
        share = 0.9 * share * np.minimum(1.0, _CUT / np.maximum(_around(excess), 1e-12))
    return sparse.Sparse(list(tracks), 0.0, 0.0, found.dense, found.dense)


def _play(stage: double.Stage, tracks: Sequence[Track], bones: Sequence[str]) -> Steps[Array]:
    """[frame, bone, 3], armature space: the heads of `bones` under `tracks`, by an Action that is gone afterwards."""
    data = stage.armature.animation_data_create()
    data.action = None  # what is there keeps its users as they are
    action = yield from keyframes.writing(stage.armature, "IsoDiM trial", tracks, 1, {})
    uid = action.session_uid
    try:
        matrices = yield from stage.play(action, bones, recording.frames_of(action))
        return matrices[..., :3, 3]
    finally:
        slots.remove(uid)


def _around(values: Array) -> Array:
    """[frame]: the largest of `values` [frame] within a few frames, since a key moves what is around it."""
    padded = np.pad(values, _NEAR, mode="edge")
    return np.lib.stride_tricks.sliding_window_view(padded, 2 * _NEAR + 1).max(axis=-1)
