"""Animals' rigs, some with names of people's bones: no clip fits them; pure numpy, no bpy."""

from __future__ import annotations

import numpy as np

from common.motion import quaternions
from common.rigs.bone_map import BoneMap
from common.rigs.rig import Rig

from .body import X
from .description import Description

_Row = tuple[str, str | None, tuple[float, float, float]]
_TAIL_M = 0.05


def _limb(names: str, above: str, *points: tuple[float, float, float]) -> list[_Row]:
    """Both sides of a limb; `*` in a name stands for the side."""
    rows: list[_Row] = []
    for side, sign in (("L", 1.0), ("R", -1.0)):
        parent = above
        for name, (x, y, z) in zip(names.split(), points, strict=True):
            rows.append((name.replace("*", side), parent, (sign * x, y, z)))
            parent = name.replace("*", side)
    return rows


def _chain(names: str, above: str | None, *points: tuple[float, float, float]) -> list[_Row]:
    rows: list[_Row] = []
    for name, point in zip(names.split(), points, strict=True):
        rows.append((name, above, point))
        above = name
    return rows


def _four(hind: str, fore: str, trunk: str) -> list[_Row]:
    pelvis, *_, chest = trunk.split()[:3]
    return [
        *_chain(trunk, None, (0, 0.75, -0.45), (0, 0.77, -0.1), (0, 0.78, 0.3), (0, 0.85, 0.5), (0, 0.95, 0.65)),
        *_limb(hind, pelvis, (0.1, 0.72, -0.45), (0.1, 0.45, -0.36), (0.1, 0.22, -0.5), (0.1, 0.03, -0.44)),
        *_limb(fore, chest, (0.1, 0.68, 0.36), (0.1, 0.42, 0.3), (0.1, 0.12, 0.34), (0.1, 0.03, 0.4)),
    ]


def _bird() -> list[_Row]:
    return [
        *_chain("Hips Spine Chest Neck Head", None, (0, 0.4, 0), (0, 0.44, 0.08), (0, 0.5, 0.22), (0, 0.6, 0.3), (0, 0.7, 0.34)),
        *_limb("Thigh.* Shin.* Foot.* Toe.*", "Hips", (0.06, 0.38, 0), (0.06, 0.24, 0.08), (0.06, 0.1, 0.0), (0.06, 0.01, 0.06)),
        *_limb("UpperArm.* LowerArm.* Hand.*", "Chest", (0.08, 0.5, 0.2), (0.3, 0.52, 0.16), (0.5, 0.52, 0.12)),
    ]  # fmt: skip


def _bee() -> list[_Row]:
    legs = [
        row
        for number, z in enumerate((0.2, 0.0, -0.2))
        for row in _limb(
            f"leg{number}a.* leg{number}b.* leg{number}c.*",
            "body",
            (0.08, 0.3, z),
            (0.3, 0.36, 1.5 * z),
            (0.4, 0.02, 1.8 * z),
        )
    ]
    wings = _limb("wing1.* wing2.* wing3.*", "body", (0.05, 0.4, 0.1), (0.4, 0.5, 0.05), (0.7, 0.5, -0.1))
    return [*_chain("body head abdomen", None, (0, 0.32, 0), (0, 0.34, 0.3), (0, 0.3, -0.3)), *legs, *wings]


def _kaiju() -> list[_Row]:
    return [
        *_chain("hips spine chest neck head", None, (0, 2.0, 0), (0, 2.2, 0.5), (0, 2.5, 1.4), (0, 2.9, 1.9), (0, 3.1, 2.3)),
        *_chain("tail1 tail2 tail3", "hips", (0, 1.9, -0.5), (0, 1.4, -1.5), (0, 0.8, -2.6)),
        *_limb("thigh.* shin.* foot.* toe.*", "hips", (0.5, 1.9, 0), (0.6, 1.1, 0.4), (0.6, 0.3, 0.0), (0.6, 0.05, 0.4)),
        *_limb("upperarm.* forearm.* hand.*", "chest", (0.5, 2.4, 1.3), (0.6, 1.9, 1.5), (0.6, 1.7, 1.9)),
    ]  # fmt: skip


def _centaur() -> list[_Row]:
    return [
        *_chain("Hips Spine Chest Neck Head", None, (0, 1.0, 0), (0, 1.2, 0), (0, 1.4, 0), (0, 1.6, 0), (0, 1.7, 0)),
        *_limb("UpperArm.* LowerArm.* Hand.*", "Chest", (0.17, 1.5, 0), (0.4, 1.5, 0), (0.65, 1.5, 0)),
        *_limb("Thigh.* Shin.* Foot.* Toe.*", "Hips", (0.15, 0.95, 0.1), (0.15, 0.5, 0.12), (0.15, 0.08, 0.1), (0.15, 0.01, 0.2)),
        *_chain("Back Rump", "Hips", (0, 1.0, -0.1), (0, 1.0, -0.6)),
        *_limb("HindThigh.* HindShin.* HindFoot.*", "Rump", (0.15, 0.95, -1.0), (0.15, 0.5, -1.05), (0.15, 0.03, -1.0)),
    ]  # fmt: skip


ANIMALS = {
    "wolf": lambda: _four(
        "thigh.* shin.* foot.* toe.*", "front_thigh.* front_shin.* front_foot.* front_toe.*",
        "spine.003 spine.004 spine.005 spine.006 spine.007",
    ),
    "cat": lambda: _four("Thigh.* Shin.* Foot.* Toe.*", "UpperArm.* ForeArm.* Hand.* Finger.*", "Hips Spine Chest Neck Head"),
    "bird": _bird,
    "bee": _bee,
    "kaiju": _kaiju,
    "centaur": _centaur,
}  # fmt: skip
"""Name -> its bones: name, parent, head in the wire's axes, metres."""


def animal(name: str) -> Description:
    """The rig of an animal, Z up; nothing of its bone map is known."""
    rows = ANIMALS[name]()
    names = tuple(row[0] for row in rows)
    parents = tuple(names.index(row[1]) if row[1] else -1 for row in rows)
    heads = np.array([row[2] for row in rows], float)
    ahead = np.array((0.0, 0.0, _TAIL_M))
    tails = heads + ahead
    for bone, parent in enumerate(parents):
        if parent >= 0 and np.allclose(tails[parent], heads[parent] + ahead):
            tails[parent] = heads[bone]
    wire = quaternions.about(X, np.pi / 2)
    heads, tails = quaternions.rotate(wire, heads), quaternions.rotate(wire, tails)
    none = np.zeros(len(names))
    return Description(name, Rig(names, parents, heads, tails), none, none > 0, BoneMap({}), wire, 1.0)
