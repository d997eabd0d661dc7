"""Parts of the body that can be in-painted while the rest stays: names, their joints, and whether the root goes with them."""

from __future__ import annotations

from common.motion.skeleton import INDEX, JOINTS, PARENTS

_LEGS = ("hip", "knee", "ankle", "foot")
_ARM = ("collar", "shoulder", "elbow", "wrist")
_TRUNK = ("spine1", "spine2", "spine3")
_HEAD = ("neck", "head")


def _limbs(sides: tuple[str, ...], names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{side}_{name}" for side in sides for name in names)


_BOTH = ("left", "right")
_NAMES: dict[str, tuple[str, ...]] = {
    "upper": _TRUNK + _HEAD + _limbs(_BOTH, _ARM),
    "lower": ("pelvis", *_limbs(_BOTH, _LEGS)),
    "arms": _limbs(_BOTH, _ARM),
    "left_arm": _limbs(("left",), _ARM),
    "right_arm": _limbs(("right",), _ARM),
    "trunk": _TRUNK,
    "head": _HEAD,
}

PARTS: dict[str, tuple[int, ...]] = {
    name: tuple(sorted(INDEX[joint] for joint in joints)) for name, joints in _NAMES.items()
}
"""Joints by the part's name; a part with the pelvis moves the root too: it belongs to the legs."""


def joints_of(part: str) -> tuple[int, ...]:
    """Indices of a part's joints."""
    return PARTS[part]


def moves_root(part: str) -> bool:
    """Whether the part takes the root along."""
    return PARENTS.index(-1) in joints_of(part)


def kept(part: str) -> tuple[int, ...]:
    """Indices of all other joints."""
    return tuple(joint for joint in range(len(JOINTS)) if joint not in joints_of(part))
