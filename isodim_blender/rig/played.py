"""What an armature shows at some frames, as the scene plays it; nothing of the file changes."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np
from numpy.typing import NDArray

from ...common.motion import quaternions
from ..steps import Steps
from . import double
from .rest import ArmaturePose

Array = NDArray[np.float64]


def at(
    armature: bpy.types.Object, scene: bpy.types.Scene, frames: Sequence[float], bones: Sequence[str]
) -> Steps[tuple[Array, Array]]:
    """Matrices [frame, bone, 4, 4] in armature space and [frame, 4, 4] of the object: NLA, constraints and drivers included.

    A step a frame; all at once where the armature is hidden, since it is shown meanwhile. Evaluated in a scene of its own, which is gone afterwards: what another scene evaluates is not written back, so that what is
    posed by hand, frame and selection stay.
    """
    hidden = armature.hide_viewport
    place = bpy.data.scenes.new("IsoDiM look")
    every = armature.pose.bones
    columns = [every.find(name) for name in bones]
    values = np.empty(len(every) * 16, np.float32)
    matrices, places = np.empty((len(frames), len(bones), 4, 4)), np.empty((len(frames), 4, 4))
    try:
        place[double.MARK] = True
        place.render.fps, place.render.fps_base = scene.render.fps, scene.render.fps_base
        place.collection.objects.link(armature)
        if hidden:
            armature.hide_viewport = False
        for row, frame in enumerate(frames):
            place.frame_set(int(np.floor(frame)), subframe=float(frame % 1.0))
            shown = armature.evaluated_get(place.view_layers[0].depsgraph)
            shown.pose.bones.foreach_get("matrix", values)  # column by column
            matrices[row] = np.swapaxes(values.reshape(-1, 4, 4), -1, -2)[columns]
            places[row] = shown.matrix_world
            if not hidden:
                yield
    finally:
        bpy.data.scenes.remove(place)
        if hidden:
            armature.hide_viewport = True
    return matrices, places


def pose(bones: Sequence[int], matrices: Array) -> ArmaturePose:
    """Matrices [frame, bone, 4, 4] as rotations and heads of the bones with these indices."""
    turns = rotations(matrices)
    return ArmaturePose(
        {bone: turns[:, column] for column, bone in enumerate(bones)},
        {bone: matrices[:, column, :3, 3] for column, bone in enumerate(bones)},
    )


def sizes(matrices: Array) -> Array:
    """[..., 3]: how long the axes of matrices [..., 4, 4] are."""
    return np.asarray(np.linalg.norm(matrices[..., :3, :3], axis=-2))


def rotations(matrices: Array) -> Array:
    """The rotation [..., 4] nearest to each matrix's upper left part, which may also scale and shear (polar decomposition)."""
    u, _, v = np.linalg.svd(matrices[..., :3, :3])
    u[..., 2] *= np.sign(np.linalg.det(u) * np.linalg.det(v))[..., None]
    return quaternions.from_matrix(u @ v)
