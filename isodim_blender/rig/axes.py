"""The one place where the wire's axes (Y up, facing +Z) become Blender's (Z up, facing -Y), both right-handed.

Blender (x, y, z) = wire (x, -z, y): a quarter turn about X; the character's left stays at +X.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

BLENDER_FROM_WIRE: NDArray[np.float64] = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
"""[3, 3]: `BLENDER_FROM_WIRE @ point` turns one wire point (m) into Blender's axes."""
BLENDER_FROM_WIRE.flags.writeable = False


def to_blender(points: ArrayLike) -> NDArray[np.float64]:
    """Points or directions [..., 3] of the wire in Blender's axes, metres."""
    return np.asarray(points, np.float64) @ BLENDER_FROM_WIRE.T
