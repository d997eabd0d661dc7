"""BVH files: read any, write any, and the kinematics between their channels and positions.

What is written: centimetres, Y up, rotation order ZXY; clips with the 22 joints' own names.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..files import replace_file
from ..rigs.rig import Rig
from . import bvh_write, quaternions
from .bvh_text import Bvh, parse
from .motion import Motion
from .skeleton import JOINTS, PARENTS, REST_OFFSETS

_CM = 100.0
_POSITION = ("Xposition", "Yposition", "Zposition")
_ZXY = ("Zrotation", "Xrotation", "Yrotation")
_AXES = {"X": 0, "Y": 1, "Z": 2}
_MAX_BYTES = 512 * 2**20


def read(path: str | Path) -> Bvh:
    """The BVH file at `path`; InputError if it is missing, too large or malformed (with the line's number)."""
    path = Path(path)
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise InputError("BVH file size", path.stat().st_size, f"at most {_MAX_BYTES} bytes")
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputError("BVH file", str(path), f"a readable file ({error.strerror})") from error
    return parse(text)


def local_rotations(bvh: Bvh) -> NDArray[np.float64]:
    """[frame, joint, 4], w first, joint to parent: the channels' turns multiplied in the file's order."""
    result = quaternions.identity(len(bvh.values), len(bvh.names))
    column = 0
    for joint, names in enumerate(bvh.channels):
        for name in names:
            if name.endswith("rotation"):
                turn = quaternions.about(np.eye(3)[_AXES[name[0]]], np.radians(bvh.values[:, column]))
                result[:, joint] = quaternions.multiply(result[:, joint], turn)
            column += 1
    return result


def local_offsets(bvh: Bvh) -> NDArray[np.float64]:
    """[frame, joint, 3] in the file's units: OFFSET, replaced by a position channel where a joint has one (as Blender reads it)."""
    result = np.repeat(bvh.offsets[None], len(bvh.values), axis=0)
    column = 0
    for joint, names in enumerate(bvh.channels):
        for name in names:
            if name.endswith("position"):
                result[:, joint, _AXES[name[0]]] = bvh.values[:, column]
            column += 1
    return result


def world_positions(bvh: Bvh) -> dict[str, NDArray[np.float64]]:
    """Joint name -> [frame, 3] in the file's units; the end site below joint `a` is called `end:a`."""
    rotations, offsets = local_rotations(bvh), local_offsets(bvh)
    world = np.empty_like(rotations)
    positions: dict[str, NDArray[np.float64]] = {}
    for joint, (name, parent) in enumerate(zip(bvh.names, bvh.parents, strict=True)):
        if parent < 0:
            world[:, joint], positions[name] = rotations[:, joint], offsets[:, joint]
        else:
            world[:, joint] = quaternions.multiply(world[:, parent], rotations[:, joint])
            positions[name] = positions[bvh.names[parent]] + quaternions.rotate(world[:, parent], offsets[:, joint])
        if joint in bvh.end_sites:
            positions[f"end:{name}"] = positions[name] + quaternions.rotate(world[:, joint], bvh.end_sites[joint])
    return positions


def rig(bvh: Bvh) -> Rig:
    """The skeleton with all rotations 0, in the file's units; a bone ends at its end site or its first child."""
    heads = np.array(bvh.offsets, np.float64)
    for joint, parent in enumerate(bvh.parents):
        if parent >= 0:
            heads[joint] += heads[parent]
    tails = heads.copy()
    for joint in range(len(heads) - 1, -1, -1):
        if joint in bvh.end_sites:
            tails[joint] = heads[joint] + bvh.end_sites[joint]
        if bvh.parents[joint] >= 0:
            tails[bvh.parents[joint]] = heads[joint]
    return Rig(tuple(bvh.names), tuple(bvh.parents), heads, tails)


def to_motion(bvh: Bvh) -> Motion:
    """The clip of a file that `write` made, in any joint order; contacts are 0, since a BVH holds none.

    Raises InputError if one of the 22 joints is missing or hangs elsewhere, or if the rest skeleton is another one.
    """
    missing = [name for name in JOINTS if name not in bvh.names]
    if missing or len(bvh.names) != len(JOINTS):
        raise InputError(
            "BVH joints", missing or bvh.names, f"the {len(JOINTS)} joints of the IsoDiM skeleton, no other"
        )
    order = [bvh.names.index(name) for name in JOINTS]
    parents = tuple(order.index(bvh.parents[joint]) if bvh.parents[joint] >= 0 else -1 for joint in order)
    if parents != PARENTS:
        raise InputError("BVH hierarchy", parents, "the parents of the IsoDiM skeleton")
    if np.abs(bvh.offsets[order][1:] / _CM - REST_OFFSETS[1:]).max() > 1e-3:
        raise InputError("BVH offsets", "another rest skeleton", "the IsoDiM skeleton's offsets in centimetres")
    rotations = quaternions.continuous(local_rotations(bvh)[:, order])
    root = local_offsets(bvh)[:, order[0]] / _CM
    return Motion(
        rotations=rotations.astype(np.float32),
        root=root.astype(np.float32),
        contacts=np.zeros((len(root), 4), np.float32),
        fps=round(1.0 / bvh.frame_time, 3),
    ).check()


def from_motion(motion: Motion) -> Bvh:
    """The clip as a file has it: centimetres, rotation order ZXY, an end site below every leaf."""
    angles = np.degrees(euler_zxy(motion.rotations)).reshape(motion.frames, -1)
    leaves = set(range(len(JOINTS))) - set(PARENTS)
    return Bvh(
        names=JOINTS,
        parents=PARENTS,
        offsets=REST_OFFSETS * _CM,
        channels=((*_POSITION, *_ZXY), *[_ZXY] * (len(JOINTS) - 1)),
        end_sites={joint: REST_OFFSETS[joint] * (_CM / 2) for joint in leaves},  # enough for a visible bone
        frame_time=1.0 / motion.fps,
        values=np.concatenate([motion.root * _CM, angles], axis=-1),
    )


def write(path: str | Path, motion: Motion) -> None:
    """Writes the clip; the file at `path` is whole or untouched."""
    save(path, from_motion(motion))


def save(path: str | Path, bvh: Bvh) -> None:
    """Writes any skeleton's file; the file at `path` is whole or untouched."""
    replace_file(path, bvh_write.text(bvh).encode())


def euler_zxy(rotations: NDArray[np.floating]) -> NDArray[np.float64]:
    """Angles [frame, joint, 3] (rad; about Z, X, Y with R = Rz Rx Ry) of rotations [frame, joint, 4], continuous in time.

    The closed form of the matrix product; of its two solutions (the second is z + pi, pi - x, y + pi) and their full turns
    each frame takes the one nearest to the frame before. At x = +-pi/2 only z +- y is determined: y is then kept.
    """
    m = quaternions.to_matrix(quaternions.normalized(rotations))
    x = np.arcsin(np.clip(m[..., 2, 1], -1.0, 1.0))
    z, y = np.arctan2(-m[..., 0, 1], m[..., 1, 1]), np.arctan2(-m[..., 2, 0], m[..., 2, 2])
    locked = np.hypot(m[..., 0, 1], m[..., 1, 1]) < 1e-7
    free = np.arctan2(m[..., 1, 0], m[..., 0, 0])
    result = np.stack([z, x, y], axis=-1)
    for frame in range(len(result)):
        before = result[frame - 1] if frame else np.zeros_like(result[0])
        first = result[frame]
        turned = np.where(m[frame, ..., 2, 1] > 0, free[frame] - before[..., 2], free[frame] + before[..., 2])
        kept = np.stack([turned, first[..., 1], before[..., 2]], axis=-1)
        first = np.where(locked[frame][..., None], kept, first)
        second = np.stack([first[..., 0] + np.pi, np.pi - first[..., 1], first[..., 2] + np.pi], axis=-1)
        first, second = (a - 2 * np.pi * np.round((a - before) / (2 * np.pi)) for a in (first, second))
        nearer = np.abs(first - before).sum(-1) <= np.abs(second - before).sum(-1)
        result[frame] = np.where(nearer[..., None], first, second)
    return result
