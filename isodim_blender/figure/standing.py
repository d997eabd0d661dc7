"""Where a new figure stands: at the 3D cursor, clear of what is there already."""

from __future__ import annotations

import itertools

import bpy
import numpy as np
from mathutils import Vector
from numpy.typing import NDArray

_ROOM_M = 0.6
"""Half the floor that a person needs with the arms at rest."""
_TALL_M = 1.8
_FLAT_M = 0.1
"""What is not higher than this above the ground is stood on: a floor, a carpet."""
_SURROUNDINGS_M = 8.0
"""What is wider than this in both directions is where the figure stands in (a hall, a landscape), not what it avoids."""
_STEP_M = 1.0
_MOST_STEPS = 12
_SOLID = {"MESH", "ARMATURE", "CURVE", "SURFACE", "FONT", "META"}


def free_place(scene: bpy.types.Scene) -> Vector:
    """The nearest free place beside the 3D cursor, along the world's x axis; the cursor's own if there is none."""
    cursor = scene.cursor.location.copy()
    boxes = [
        box for item in scene.objects if item.type in _SOLID and item.visible_get() and (box := _box(item)) is not None
    ]
    for step in itertools.chain((0,), *((number, -number) for number in range(1, _MOST_STEPS + 1))):
        place = cursor + Vector((step * _STEP_M, 0.0, 0.0))
        if not any(_in_the_way(low, high, place) for low, high in boxes):
            return place
    return cursor


def _box(item: bpy.types.Object) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Lowest and highest corner [3] in the world; None where an object has no extent."""
    corners = np.array([item.matrix_world @ Vector(corner) for corner in item.bound_box])
    low, high = corners.min(0), corners.max(0)
    return (low, high) if (high - low).max() > 0 else None


def _in_the_way(low: NDArray[np.float64], high: NDArray[np.float64], place: Vector) -> bool:
    if (high - low)[:2].min() > _SURROUNDINGS_M:
        return False
    if high[2] < place.z + _FLAT_M or low[2] > place.z + _TALL_M:
        return False
    return all(low[axis] - _ROOM_M < place[axis] < high[axis] + _ROOM_M for axis in (0, 1))
