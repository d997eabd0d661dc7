"""A Blender curve as the root path of a clip."""

from __future__ import annotations

import bpy
import numpy as np
from numpy.typing import NDArray

from ...common.errors import InputError
from ...common.motion import quaternions
from ...common.wire import requests
from ..rig.fit import Fit
from ..rig.retarget import HIPS_REST
from ..rig.rigged import Rigged

Array = NDArray[np.float64]


def followed(curve: bpy.types.Object | None) -> bpy.types.Object:
    """The same object if it is a curve; otherwise InputError."""
    if curve is None or curve.type != "CURVE":
        raise InputError("Curve", None if curve is None else curve.name, "a curve object to follow")
    return curve


def points_of(curve: bpy.types.Object, armature: bpy.types.Object) -> tuple[tuple[float, float], ...]:
    """x and z (m, the wire's axes) along the curve's first spline, where the armature object stands now.

    InputError if it has no length, or the rig cannot be mapped.
    """
    line = _line(curve)
    if len(line) < 2:
        raise InputError("Curve", curve.name, "a curve with a spline of two points or more")
    world = np.array(curve.matrix_world, np.float64)
    local = np.linalg.inv(np.array(armature.matrix_world, np.float64)) @ world
    fitted = Rigged.of(armature).fit
    ground = to_wire(fitted, line @ local[:3, :3].T + local[:3, 3])
    return tuple((float(x), float(z)) for x, z in _few(ground[:, [0, 2]]))


def to_wire(fitted: Fit, points: Array) -> Array:
    """Places [n, 3] of the rig's hips in armature space -> m on the wire's axes: what `retarget` does, backward."""
    return HIPS_REST + quaternions.rotate(quaternions.inverse(fitted.wire), points - fitted.stood) / fitted.scale


def to_armature(fitted: Fit, points: Array) -> Array:
    """The inverse of `to_wire`."""
    return fitted.stood + quaternions.rotate(fitted.wire, points - HIPS_REST) * fitted.scale


def _line(curve: bpy.types.Object) -> Array:
    """[n, 3], object space: the first spline as Blender draws it, without thickness."""
    data = curve.data.copy()
    made = bpy.data.objects.new(data.name, data)
    try:
        data.bevel_depth, data.extrude, data.bevel_object = 0.0, 0.0, None
        for spline in list(data.splines)[1:]:
            data.splines.remove(spline)
        cyclic = len(data.splines) > 0 and data.splines[0].use_cyclic_u
        mesh = made.to_mesh()  # None without a spline
        line = np.empty(0 if mesh is None else 3 * len(mesh.vertices), np.float32)
        if mesh is not None:
            mesh.vertices.foreach_get("co", line)
        made.to_mesh_clear()
    finally:
        bpy.data.curves.remove(data)  # and the object with it
    line = line.reshape(-1, 3).astype(np.float64)
    return np.concatenate([line, line[:1]]) if cyclic and len(line) else line


def _few(points: Array) -> Array:
    """As many points as a request may hold, evenly among them, first and last kept."""
    if len(points) <= requests.MAX_POINTS:
        return points
    return points[np.linspace(0, len(points) - 1, requests.MAX_POINTS).round().astype(int)]
