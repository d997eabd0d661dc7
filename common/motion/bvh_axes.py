"""Which way is up in a BVH file, and what its unit is: the format tells neither, a body that stands tells both.

Programs write Y up or Z up, in metres, centimetres, inches or units of their own. Up is the axis along which the body
stands, hips over feet and chest over hips, in the frames of the motion and in the pose without rotations; the unit is
the one in which the legs are a person's.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from . import quaternions
from .skeleton import INDEX, rest_positions

Array = NDArray[np.float64]

UPS = {
    f"{sign}{name}": value * axis
    for name, axis in zip("XYZ", np.eye(3), strict=True)
    for sign, value in (("", 1), ("-", -1))
}
"""Name of an axis -> its direction [3]."""
UNITS_M = {"m": 1.0, "cm": 0.01, "mm": 0.001, "inch": 0.0254}
"""Name of a unit -> metres."""
_ALONG = np.cos(np.radians(40.0))
"""Thighs, shins and trunk of somebody who walks are this near to the vertical."""
_MOSTLY = 0.5
_NEAR_FLOOR = 0.2
"""Of the legs' length: feet that stand on the ground are this near to its height 0."""
_OTHER_UNIT = 1.5
_LEGS_M = (0.25, 2.0)
"""Children and giants; what is outside was measured in another unit."""
_BEHIND = -0.5


@dataclasses.dataclass(frozen=True)
class Up:
    """A file's upward axis by its name in `UPS`; `sure`: the motion and the pose without rotations agree, or one tells clearly."""

    name: str
    sure: bool


@dataclasses.dataclass(frozen=True)
class Given:
    """What a person says of files; None: to be found."""

    up: str | None = None
    unit: str | None = None

    @classmethod
    def of(cls, field: str, up: object, unit: object) -> Given:
        """The values if they are known ones, in any case; InputError naming `field`."""
        return cls(_known(f"{field} up".strip(), up, UPS), _known(f"{field} unit".strip(), unit, UNITS_M))


def _known(field: str, value: object, table: Iterable[str]) -> str | None:
    if value is None:
        return None
    names = {name.lower(): name for name in table}
    if not isinstance(value, str) or value.lower() not in names:
        raise InputError(field, value, f"one of {', '.join(table)}")
    return names[value.lower()]


def up_of(positions: Array, rest: Array) -> Up:
    """The upward axis of joints [frame, 22, 3] and of the pose without rotations [22, 3], in the file's axes and unit."""
    standing, trunk = _standing(positions)
    still, _ = _standing(rest[None])
    moved = max(standing, key=lambda name: standing[name])
    rests = next((name for name, share in still.items() if share), None)
    if standing[moved] < _MOSTLY:
        if rests is not None:
            return Up(rests, standing[rests] > 0)
        upright = max(trunk, key=lambda name: trunk[name])
        return Up(upright if trunk[upright] >= _MOSTLY else "Y", False)
    if rests in (None, moved):
        return Up(moved, True)
    # Somebody who lies, or a file whose root turns another rest pose up: who stands does so at the height 0.
    ankles = positions[:, [INDEX["left_ankle"], INDEX["right_ankle"]]] @ UPS[moved]
    stands = abs(np.percentile(ankles, 5.0)) < _NEAR_FLOOR * legs(positions)
    return Up(moved if stands else str(rests), False)


def _standing(positions: Array) -> tuple[dict[str, float], dict[str, float]]:
    """Name of an axis -> share of the frames [frame, 22, 3] in which legs and trunk are along it; and trunk alone."""
    hips, ankles = (
        positions[:, [INDEX[f"{side}_{part}"] for side in ("left", "right")]].mean(1) for part in ("hip", "ankle")
    )
    leg, trunk = _unit(hips - ankles), _unit(positions[:, INDEX["neck"]] - hips)
    both = {name: float(np.mean((leg @ axis > _ALONG) & (trunk @ axis > _ALONG))) for name, axis in UPS.items()}
    return both, {name: float(np.mean(trunk @ axis > _ALONG)) for name, axis in UPS.items()}


def legs(positions: Array) -> float:
    """Length of a leg, hip to knee to ankle, the median over both sides and frames [frame, 22, 3]."""
    parts = [positions[:, [INDEX[f"{side}_{part}"] for side in ("left", "right")]] for part in ("hip", "knee", "ankle")]
    return float(sum(np.median(np.linalg.norm(b - a, axis=-1)) for a, b in itertools.pairwise(parts)))


_LEGS_CANONICAL_M = legs(rest_positions()[None])


def unit_of(leg: float, given: str | None) -> tuple[float, str]:
    """Metres of a unit in which a leg has the length `leg`, and words for it; InputError if the given unit cannot be."""
    if given is not None:
        low, high = _LEGS_M
        if not low <= leg * UNITS_M[given] <= high:
            raise InputError("unit", given, f"one in which a leg of {leg:.4g} is {low:g} to {high:g} m long")
        return UNITS_M[given], given
    if not 0.0 < leg < np.inf:
        return 1.0, "no length"
    name = min(UNITS_M, key=lambda name: abs(np.log(leg * UNITS_M[name] / _LEGS_CANONICAL_M)))
    if abs(np.log(leg * UNITS_M[name] / _LEGS_CANONICAL_M)) < np.log(_OTHER_UNIT):
        return UNITS_M[name], name
    metres = _LEGS_CANONICAL_M / leg
    return metres, f"units of {metres:.3g} m, as the legs tell"


def turned(positions: Array, up: str) -> Array:
    """Points [..., 3] of axes in which `up` is up, in axes with Y up."""
    return quaternions.rotate(quaternions.between(UPS[up], UPS["Y"]), positions)


def mirrored(positions: Array) -> bool:
    """Whether the toes of a body [frame, 22, 3] point behind its trunk: left and right are swapped, or the axes left-handed."""
    left = positions[:, INDEX["left_hip"]] - positions[:, INDEX["right_hip"]]
    ahead = _unit(np.cross(left, positions[:, INDEX["neck"]] - positions[:, INDEX["pelvis"]]))
    ankles, balls = (
        positions[:, [INDEX[f"{side}_{part}"] for side in ("left", "right")]] for part in ("ankle", "foot")
    )
    return float(np.median((_unit((balls - ankles).sum(axis=1)) * ahead).sum(-1))) < _BEHIND


def _unit(vectors: Array) -> Array:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)
