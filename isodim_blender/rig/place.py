"""How an armature object stands in the world, as its bones see it; no bpy."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Place:
    """up: [3], unit, the world's up in armature space. ground: height along `up` of the world's floor, armature units.

    uneven: the object's scale along its axes, [3], if it is not even. mirrored: whether its scale exchanges left and right.
    """

    up: Array
    ground: float
    uneven: tuple[float, float, float] | None = None
    mirrored: bool = False


_EVEN = 0.01
"""A scale whose axes differ by less is even: a clip shows no shear."""


def place_of(matrix: Array) -> Place | None:
    """The place of an object with world matrix [4, 4]; None if it is squashed flat or is no matrix of numbers."""
    linear = np.asarray(matrix, np.float64)[:3, :3]
    sizes = np.linalg.norm(linear, axis=0)
    if not np.isfinite(matrix).all() or sizes.min() < 1e-9 or abs(np.linalg.det(linear)) < 1e-12 * sizes.prod():
        return None
    # A plane z = c of the world is a plane in armature space whose normal is the matrix' third row.
    normal = linear[2]
    length = float(np.linalg.norm(normal))
    uneven = bool(np.ptp(sizes) > _EVEN * sizes.max())
    x, y, z = (float(size) for size in sizes)
    mirrored = bool(np.linalg.det(linear) < 0.0)
    return Place(normal / length, float(-matrix[2][3] / length), (x, y, z) if uneven else None, mirrored)
