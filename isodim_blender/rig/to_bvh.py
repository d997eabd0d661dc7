"""A recorded armature as a BVH file's skeleton and numbers, with the joint map that training needs; no bpy."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ...contract import bvh, joint_map, quaternions
from ...contract.bvh_text import Bvh
from . import axes

_NOT_IN_A_NAME = re.compile(r"[+\s{}]")


@dataclasses.dataclass(frozen=True)
class Rig:
    """The bones of an armature that stand for canonical joints, parents before children, the pelvis first.

    bones: their names in Blender; names: the same without what BVH files and joint maps give a meaning to. parents: index
    of the nearest bone above that is one of them; the pelvis where there is none. leaves: those with no other below.
    """

    bones: tuple[str, ...]
    names: tuple[str, ...]
    parents: tuple[int, ...]
    leaves: tuple[int, ...]
    joint_map: dict[str, str]


def rig_of(parents: Mapping[str, str | None]) -> Rig:
    """The rig of an armature, from each bone's name and parent's name; InputError naming the joints it lacks."""
    bones = list(parents)
    names = [_NOT_IN_A_NAME.sub("_", bone) for bone in bones]
    above = [bones.index(parent) if parent is not None else -1 for parent in parents.values()]
    ends = {name for index, name in enumerate(names) if index not in above}
    mapped = joint_map.guess(names, above, ends)
    used = {name for expression in mapped.values() for name in expression.removeprefix("end:").split("+")}
    pelvis = names.index(mapped["pelvis"])
    kept = sorted({names.index(name) for name in used} - {pelvis}, key=lambda index: len(_ancestors(index, above)))
    kept.insert(0, pelvis)
    nearest = [-1] + [next((kept.index(i) for i in _ancestors(joint, above) if i in kept), 0) for joint in kept[1:]]
    return Rig(
        bones=tuple(bones[index] for index in kept),
        names=tuple(names[index] for index in kept),
        parents=tuple(nearest),
        leaves=tuple(index for index in range(len(kept)) if index not in nearest),
        joint_map=mapped,
    )


def _ancestors(joint: int, parents: Sequence[int]) -> list[int]:
    """The joints above, the nearest first."""
    found = []
    while (joint := parents[joint]) >= 0:
        found.append(joint)
    return found


def to_bvh(
    rig: Rig, matrices: NDArray[np.floating], rest: NDArray[np.floating], tails: NDArray[np.floating], fps: float
) -> Bvh:
    """The clip of world `matrices` [frame, bone, 4, 4]; `rest` [bone, 4, 4] and `tails` [bone, 3] are the rest pose's.

    All in Blender's axes and metres; the file's are the wire's.
    """
    turns = quaternions.multiply(_rotations(matrices), quaternions.inverse(_rotations(rest)))
    turns[..., 1:] = axes.from_blender(turns[..., 1:])
    ends = axes.from_blender(tails)
    return bvh.from_world(
        rig.names,
        rig.parents,
        axes.from_blender(rest[:, :3, 3]),
        {leaf: ends[leaf] for leaf in rig.leaves},
        axes.from_blender(matrices[..., :3, 3]),
        quaternions.continuous(turns),
        fps,
    )


def _rotations(matrices: NDArray[np.floating]) -> NDArray[np.float64]:
    """The rotation [..., 4] nearest to each matrix's upper left part, which may also scale and shear."""
    u, _, v = np.linalg.svd(np.asarray(matrices, np.float64)[..., :3, :3])
    u[..., 2] *= np.sign(np.linalg.det(u) * np.linalg.det(v))[..., None]
    return quaternions.from_matrix(u @ v)
