"""BVH files: read any, write any, and the kinematics between their channels and positions.

What is written: centimetres, Y up, rotation order ZXY; clips with the 22 joints' own names.
"""

from __future__ import annotations

import codecs
import contextlib
import re
from collections.abc import Sequence
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
_SNIFFED_BYTES = 4096
_JAPANESE = re.compile(r"[\u3041-\u30ff\u4e00-\u9fff]")
_SAME_M = 1e-3
_FEW = 2
"""Names that a sentence has room for."""
_WANTED = (
    f"the {len(JOINTS)} joints of the IsoDiM skeleton; another skeleton's file can be imported in Blender and read with "
    "Copy Clip, or learnt from with training.prepare"
)


def read(path: str | Path) -> Bvh:
    """The BVH file at `path`; InputError if it is missing, too large or malformed (with the line's number)."""
    path = Path(path)
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise InputError("BVH file size", path.stat().st_size, f"at most {_MAX_BYTES} bytes")
        content = path.read_bytes()
    except OSError as error:
        raise InputError("BVH file", str(path), f"a readable file ({error.strerror})") from error
    return parse(_decoded(path, content))


def _decoded(path: Path, content: bytes) -> str:
    """The text of a file that may come from another age or country: UTF-8, UTF-16 by its mark, Japanese, or Latin."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    if b"\0" in content[:_SNIFFED_BYTES]:
        raise InputError("BVH file", path.name, "a text that begins with HIERARCHY, not a binary file")
    for encoding in ("utf-8-sig", "cp932"):
        with contextlib.suppress(UnicodeDecodeError):
            text = content.decode(encoding)
            if encoding != "cp932" or _JAPANESE.search(text):
                return text
    return content.decode("latin-1")


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
    """The clip of a file on the IsoDiM skeleton, in any joint order, unit and axes; contacts are 0, since a BVH holds none.

    `write` makes such files in centimetres with Y up, Blender's exporter in metres with Z up: the rest offsets tell.
    Raises InputError with the next step if the file holds another skeleton.
    """
    order = _canonical_order(bvh)
    turn, unit = _canonical_axes(bvh.offsets[order])
    back = quaternions.inverse(turn)
    rotations = local_rotations(bvh)[:, order]
    rotations[..., 1:] = quaternions.rotate(back, rotations[..., 1:])
    rotations = quaternions.continuous(rotations)
    root = quaternions.rotate(back, local_offsets(bvh)[:, order[0]]) / unit
    return Motion(
        rotations=rotations.astype(np.float32),
        root=root.astype(np.float32),
        contacts=np.zeros((len(root), 4), np.float32),
        fps=round(1.0 / bvh.frame_time, 3),
    ).check()


def _canonical_order(bvh: Bvh) -> list[int]:
    """[canonical joint] -> its place in the file; InputError naming what is missing, too much or hangs elsewhere."""
    missing = [name for name in JOINTS if name not in bvh.names]
    if missing:
        raise InputError("BVH skeleton", f"without {_few(missing)}", _WANTED)
    more = [name for name in bvh.names if name not in JOINTS]
    if more:
        raise InputError("BVH skeleton", f"one with {_few(more)} beside the {len(JOINTS)}", _WANTED)
    order = [bvh.names.index(name) for name in JOINTS]
    parents = [order.index(bvh.parents[joint]) if bvh.parents[joint] >= 0 else -1 for joint in order]
    for name, parent, wanted in zip(JOINTS, parents, PARENTS, strict=True):
        if parent != wanted:
            raise InputError("BVH skeleton", f"one whose {name} hangs elsewhere", _WANTED)
    return order


def _canonical_axes(offsets: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """The rotation [4] from the canonical axes to the file's, a quarter turn or none, and the file's units in a metre.

    offsets: [canonical joint, 3]. InputError if they are not the canonical ones in any such axes (Kabsch, 1976).
    """
    u, _, v = np.linalg.svd(offsets[1:].T @ REST_OFFSETS[1:])
    turn = np.round(u @ np.diag((1.0, 1.0, np.linalg.det(u @ v))) @ v)
    unit = float(np.linalg.norm(offsets[1:]) / np.linalg.norm(REST_OFFSETS[1:]))
    quarter = np.abs(turn).sum(0).tolist() == np.abs(turn).sum(1).tolist() == [1.0] * 3
    off = np.abs(offsets[1:] / max(unit, 1e-12) @ turn - REST_OFFSETS[1:]).max(axis=1)
    if not quarter or off.max() > _SAME_M:
        raise InputError("BVH rest offsets", f"another body's, {JOINTS[1 + int(off.argmax())]} for one", _WANTED)
    return quaternions.from_matrix(turn), unit


def _few(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= _FEW else f"{', '.join(names[:_FEW])} and {len(names) - _FEW} more"


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
