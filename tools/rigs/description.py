"""A maker's table as a rig at rest: `describe("ue5", rest="T", rolls_seed=3)`; pure numpy, no bpy."""

from __future__ import annotations

import dataclasses

import numpy as np

from common.motion import quaternions
from common.rigs.bone_map import BoneMap
from common.rigs.rig import Rig

from . import body, table

_SMALLEST_BONE_M = 0.01
_TAIL_M = 0.08


@dataclasses.dataclass(frozen=True)
class Description:
    """A rig at rest and what a person knows about it.

    rig: heads and tails [bone, 3] in armature space. rolls: [bone], radians, Blender's. connected: [bone].
    bone_map: the right slots. wire: [4], from the wire's axes to armature space. unit: armature units a metre.
    ik: bone, target bone and chain length of IK constraints. fails: the part of the body that a broken rig lacks.
    """

    name: str
    rig: Rig
    rolls: np.ndarray
    connected: np.ndarray
    bone_map: BoneMap
    wire: np.ndarray
    unit: float
    ik: tuple[tuple[str, str, int], ...] = ()
    fails: str = ""

    @property
    def rotations(self) -> np.ndarray:
        """[bone, 4]: rest rotations in armature space, by Blender's rule: the shortest arc from +Y, then the roll about it."""
        along = self.rig.tails - self.rig.heads
        along = along / np.linalg.norm(along, axis=-1, keepdims=True)
        return quaternions.multiply(quaternions.about(along, self.rolls), quaternions.between(body.Y, along))

    def head(self, slot: str) -> np.ndarray:
        """[3]: where a slot begins, in the wire's axes and metres."""
        bone = self.rig.index[self.bone_map.slots[slot][0]]
        return quaternions.rotate(quaternions.inverse(self.wire), self.rig.heads[bone]) / self.unit


def describe(
    maker: str,
    rest: str | None = None,
    elbow_deg: float = 0.0,
    knee_deg: float = 0.0,
    spread_deg: float = 0.0,
    *,
    unit: float | None = None,
    up: str | None = None,
    rolls_seed: int | None = None,
    proportions: str = "own",
    prefix: str | None = None,
    tails: str | None = None,
    anonymous: bool = False,
) -> Description:
    """The rig of `makers/<maker>.txt`; what is None is as the maker has it.

    rest: "T", "A" or "I". proportions: "own" or "canonical". prefix: before every name (Mixamo's namespace). tails: "child",
    "sideways" (as importers that keep the bones' own axes leave them) or "up". anonymous: Bone, Bone.001, ... for names.
    """
    found = table.load(maker)
    own = found.settings
    sizes = {key: float(value) for key, value in (pair.split("=") for pair in own.get("sizes", "").split())}
    points = body.landmarks(
        rest or own["rest"], elbow_deg, knee_deg, spread_deg, sizes if proportions == "own" else None
    )
    scale = sizes.get("all", 1.0) if proportions == "own" else 1.0
    heads = np.array([_place(row.head, points, scale) for row in found.rows])
    tails_at = _tails(
        heads, np.array([_place(row.tail, points, scale) for row in found.rows]), tails or own.get("tails")
    )
    names = _names([row.name for row in found.rows], own.get("prefix", "") if prefix is None else prefix, anonymous)
    parents = [names[row.parent] if row.parent else None for row in found.rows]
    order = {name: index for index, name in enumerate(names.values())}
    number = tuple(order[parent] if parent else -1 for parent in parents)
    wire = quaternions.about(body.X, np.pi / 2) if (up or own.get("up", "Z")) == "Z" else quaternions.identity()
    unit = float(own.get("unit", 1.0)) if unit is None else unit
    heads, tails_at = (quaternions.rotate(wire, points * unit) for points in (heads, tails_at))
    meets = np.array([n >= 0 and np.linalg.norm(tails_at[n] - heads[i]) < 1e-6 * unit for i, n in enumerate(number)])
    random = np.random.default_rng(rolls_seed)
    return Description(
        name=maker,
        rig=Rig(tuple(names.values()), number, heads, tails_at),
        rolls=np.zeros(len(heads)) if rolls_seed is None else random.uniform(-np.pi, np.pi, len(heads)),
        connected=meets & (own.get("connect") == "yes"),
        bone_map=_bone_map(found, names),
        wire=wire,
        unit=unit,
        ik=tuple((names[bone], names[target], count) for bone, target, count in found.ik),
        fails=own.get("fails", ""),
    )


def expected(maker: str) -> BoneMap:
    """The right bone map of a maker's rig, names with the maker's own prefix."""
    return describe(maker).bone_map


def makers(whole: bool = True, nameless: bool = False) -> tuple[str, ...]:
    """The rigs on which a clip can be put; with `whole` off, those on which none can; `nameless`: that need no names for it."""
    every = {name: table.load(name).settings for name in table.makers()}
    return tuple(
        name
        for name, settings in every.items()
        if ("fails" not in settings) == whole and not (nameless and settings.get("nameless") == "no")
    )


def _names(names: list[str], prefix: str, anonymous: bool) -> dict[str, str]:
    if anonymous:
        return {name: f"Bone.{number:03}" if number else "Bone" for number, name in enumerate(names)}
    return {name: prefix + name for name in names}


def _bone_map(found: table.Table, names: dict[str, str]) -> BoneMap:
    slots: dict[str, list[str]] = {}
    twists: dict[str, list[str]] = {}
    root = None
    for row in found.rows:
        slot, _, twist = row.slot.partition(" ")
        if slot == "root":
            root = names[row.name]
        elif slot:
            (twists if twist else slots).setdefault(slot, []).append(names[row.name])
    whole, sharing = ({slot: tuple(bones) for slot, bones in found.items()} for found in (slots, twists))
    return BoneMap(whole, sharing, root)


def _place(place: str, points: dict[str, np.ndarray], scale: float) -> np.ndarray:
    """[3] metres: where a place of a table is on the body with landmarks `points`."""
    *ends, last = place.split(":")
    last, _, offset = last.partition("+")
    shift = np.array([float(number) for number in offset.split(",")]) * scale if offset else np.zeros(3)
    shift *= (-1.0 if "right_" in place else 1.0, 1.0, 1.0)
    if not ends:
        return points[last] + shift
    if len(ends) == 2:
        begin, end = (_place(name, points, scale) for name in ends)
        return begin + float(last) * (end - begin) + shift
    chain = {"spine": ("pelvis", "spine1", "spine2", "spine3", "neck"), "nape": ("neck", "head")}[ends[0]]
    path = np.array([points[name] for name in chain])
    gone = np.concatenate([[0.0], np.linalg.norm(np.diff(path, axis=0), axis=-1).cumsum()])
    along = float(last) * gone[-1]
    return np.array([np.interp(along, gone, column) for column in path.T]) + shift


def _tails(heads: np.ndarray, tails: np.ndarray, kind: str | None) -> np.ndarray:
    along = tails - heads
    length = np.linalg.norm(along, axis=-1, keepdims=True)
    along = np.where(length < _SMALLEST_BONE_M, body.Y * _SMALLEST_BONE_M, along)
    if kind == "up":
        along = np.broadcast_to(body.Y * _TAIL_M, along.shape)
    elif kind == "sideways":
        side = np.where(np.abs(along[:, [2]]) < 0.9 * length, body.Z, body.X)
        across = np.cross(along, side)
        along = across / np.linalg.norm(across, axis=-1, keepdims=True) * _TAIL_M
    return heads + along
