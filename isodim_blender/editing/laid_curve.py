"""A clip's own root path as a curve to drag: what `root_path` reads, backward."""

from __future__ import annotations

import bpy
import numpy as np
from numpy.typing import NDArray

from ...common.errors import InputError
from ...common.motion.motion import Motion
from ...common.wire import requests
from ..rig.fit import Fit
from . import root_path

Array = NDArray[np.float64]

MARK = "isodim_laid"
"""On a curve that was laid here: the next one takes its place."""
_SWAY_S = 0.4
_APART_M = 0.6
_FEWEST, _MOST = 3, 40


def points_of(clip: Motion, apart_m: float = _APART_M) -> Array:
    """[point, 3], m on the wire's axes: places on the ground along the clip's root path without its sway, evenly along the way.

    InputError if it stays where it is.
    """
    way = _smoothed(np.asarray(clip.root, np.float64)[:, [0, 2]], _SWAY_S * clip.fps)
    gone = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(way, axis=0), axis=-1))])
    if gone[-1] < requests.MIN_PATH_M:
        raise InputError(
            "Clip", f"{gone[-1]:.2f} m over the ground", f"one that goes {requests.MIN_PATH_M:g} m or more"
        )
    count = int(np.clip(round(gone[-1] / apart_m) + 1, _FEWEST, _MOST))
    at = np.linspace(0.0, gone[-1], count)
    x, z = (np.interp(at, gone, way[:, axis]) for axis in (0, 1))
    return np.stack([x, np.zeros(count), z], axis=-1)


def lay(
    points: Array, fitted: Fit, armature: bpy.types.Object, scene: bpy.types.Scene, before: bpy.types.Object | None
) -> bpy.types.Object:
    """A curve through the points of `points_of`, where the armature object stands now, in the scene.

    before: the curve that is chosen now; if it was laid here, this one takes its place.
    """
    data = bpy.data.curves.new(f"{armature.name} path", "CURVE")
    data.dimensions = "3D"
    spline = data.splines.new("BEZIER")
    spline.bezier_points.add(len(points) - 1)
    places = root_path.to_armature(fitted, points)
    spline.bezier_points.foreach_set("co", places.astype(np.float32).ravel())
    for point in spline.bezier_points:
        point.handle_left_type = point.handle_right_type = "AUTO"
    if before is None or MARK not in before or before.name not in scene.objects:
        before = bpy.data.objects.new(data.name, data)
        before[MARK] = True
        scene.collection.objects.link(before)
    else:
        old, before.data = before.data, data
        if not old.users:
            bpy.data.curves.remove(old)
    before.matrix_world = armature.matrix_world
    return before


def _smoothed(values: Array, width: float) -> Array:
    """[frame, axis] under a Gaussian of `width` frames; first and last stay, as what is before and after is mirrored about them."""
    reach = min(int(np.ceil(3 * width)), len(values) - 1)
    if reach < 1:
        return values
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    before, after = 2 * values[:1] - values[reach:0:-1], 2 * values[-1:] - values[-2 : -reach - 2 : -1]
    padded = np.concatenate([before, values, after])
    return np.stack([np.convolve(axis, weights / weights.sum(), mode="valid") for axis in padded.T], axis=-1)
