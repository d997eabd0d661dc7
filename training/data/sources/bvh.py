"""A folder of BVH clips of any skeleton, their captions and joint maps; a missing map is guessed from names."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from common.errors import InputError
from common.motion import bvh
from common.motion.skeleton import JOINTS
from common.rigs.joint_map import guess
from training.data.captioned import CaptionedClip, load_captions, spans

from .captured import Captured

JointMap = dict[str, str]
"""Canonical joint -> an expression over the file's joints: `a`, `a+b` (midpoint) or `end:a` (the end site below a)."""

_METRES = 0.01
"""Of the centimetre in which BVH corpora are written."""
_CAPTIONS, _JOINT_MAPS = ("captions.jsonl", "captions.csv"), "joint_maps.json"


def find(folder: Path, captions: tuple[Path, ...], joint_maps: Path | None) -> Captured:
    """The captioned clips of `folder`: FOLDER/SOURCE/CLIP.bvh, or FOLDER/CLIP.bvh where a row names no source.

    Without `captions` those of the folder are read, and so with `joint_maps`. InputError if a file is unusable.
    """
    if not folder.is_dir():
        raise InputError("bvh", str(folder), "a folder of BVH files")
    captions = captions or tuple(folder / name for name in _CAPTIONS if (folder / name).is_file())
    if not captions:
        raise InputError("captions", "missing", f"files of captions, or {' or '.join(_CAPTIONS)} in {folder}")
    clips, refused = load_captions(captions, folder.resolve().name)
    if joint_maps is None and (folder / _JOINT_MAPS).is_file():
        joint_maps = folder / _JOINT_MAPS
    maps = load_joint_maps(joint_maps) if joint_maps else {}
    return Captured(Reader(folder, maps), spans, clips, _METRES, refused)


@dataclasses.dataclass(frozen=True)
class Reader:
    """Reads a clip of a folder through its source's joint map, or through a guessed one."""

    folder: Path
    maps: dict[str, JointMap]

    def __call__(self, clip: CaptionedClip) -> tuple[NDArray[np.float64], float]:
        """Positions [frame, 22, 3] (m, Y up) and frames a second; InputError if they cannot be had."""
        path = self.folder / clip.source / f"{clip.name}.bvh"
        beside = self.folder / f"{clip.name}.bvh"
        return read_clip(beside if beside.is_file() and not path.is_file() else path, self.maps.get(clip.source))


def load_joint_maps(path: Path) -> dict[str, JointMap]:
    """Source name -> joint map, from a JSON file with `maps`; InputError unless every map has exactly the 22 joints."""
    try:
        maps = json.loads(path.read_text("utf-8"))["maps"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError("joint maps", str(path), "a JSON file with an object `maps`") from error
    for source, joint_map in maps.items():
        if set(joint_map) != set(JOINTS):
            wrong = sorted(set(joint_map) ^ set(JOINTS))
            raise InputError(f"joint map {source}", wrong, "exactly the 22 canonical joints")
    return maps


def read_clip(path: Path, joint_map: JointMap | None) -> tuple[NDArray[np.float64], float]:
    """Positions [frame, 22, 3] (m, Y up, the file being in centimetres) and frames a second of a BVH file.

    Without a map it is guessed from names and offsets. InputError if the file is malformed, lacks a joint of the map or tells too little.
    """
    clip = bvh.read(path)
    found = bvh.world_positions(clip)
    joint_map = joint_map or guess(bvh.rig(clip), {clip.names[joint] for joint in clip.end_sites})
    positions = np.stack([_evaluate(joint_map[name], found) for name in JOINTS], axis=1)
    return positions * _METRES, 1.0 / clip.frame_time


def _evaluate(expression: str, positions: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    names = expression.split("+")
    missing = [name for name in names if name not in positions]
    if missing:
        raise InputError("joint map entry", expression, f"joints of the file, which has no {missing[0]}")
    return np.mean([positions[name] for name in names], axis=0)
