"""How many feet a rig has on the ground, whatever its bones are called."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from . import symmetry
from .rig import Rig

Array = NDArray[np.float64]

_HIGH, _LOW, _STEEP = 0.25, 0.12, 0.3
"""Of the rig's height: a leg begins above the first and ends below the second; of its length it goes down by the third."""


def feet_on_ground(rig: Rig, up: Array) -> int:
    """Two for each mirror pair of limbs that reach from above down to the ground. up: [3], unit."""
    plane = symmetry.plane_of(rig)
    if plane is None:
        return 0
    heights = rig.heads @ np.asarray(up)
    heights = (heights - heights.min()) / max(float(np.ptp(heights)), 1e-12)
    size = max(float(np.ptp(rig.heads @ np.asarray(up))), 1e-12)
    found = 0
    for pair in symmetry.pairs(rig, plane):
        legs = []
        for limb in pair:
            places = heights[list(limb.bones)]
            length = float(np.linalg.norm(np.diff(rig.heads[list(limb.bones)], axis=0), axis=1).sum()) / size
            legs.append(
                len(places) > 2
                and places[0] > _HIGH
                and places.min() < _LOW
                and places[0] - places.min() > _STEEP * length
            )
        found += 2 * all(legs)
    return found
