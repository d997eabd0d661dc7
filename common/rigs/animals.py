"""How many feet a rig has on the ground, whatever its bones are called."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from . import symmetry
from .rig import Rig

Array = NDArray[np.float64]

_HIGH, _LOW, _STEEP = 0.25, 0.12, 0.3
"""Of the rig's height: a leg begins above the first and ends below the second; of its length it goes down by the third."""
_APART = 0.3
"""Of the rig's height, over the ground: hind legs are farther from the forelegs; whatever hangs on a person's hips is nearer."""


def feet_on_ground(rig: Rig, up: Array) -> int:
    """Two for each mirror pair of limbs that reach from above down to the ground. up: [3], unit."""
    return 2 * len(_legs(rig, up))


def has_hind_legs(rig: Rig, up: Array) -> bool:
    """Whether a pair of legs begins well behind another one, as a centaur's do; a long skirt hangs below one place."""
    tops = [top - (top @ up) * up for top in _legs(rig, up)]
    size = max(float(np.ptp(rig.heads @ np.asarray(up))), 1e-12)
    return any(np.linalg.norm(one - other) > _APART * size for one in tops for other in tops)


def _legs(rig: Rig, up: Array) -> list[Array]:
    """Where each mirror pair of limbs that reach the ground begins, [3], halfway between both."""
    plane = symmetry.plane_of(rig)
    if plane is None:
        return []
    heights = rig.heads @ np.asarray(up)
    heights = (heights - heights.min()) / max(float(np.ptp(heights)), 1e-12)
    size = max(float(np.ptp(rig.heads @ np.asarray(up))), 1e-12)
    found = []
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
        if all(legs):
            found.append(np.mean([rig.heads[limb.bones[0]] for limb in pair], axis=0))
    return found
