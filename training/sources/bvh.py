"""BVH clips of any skeleton -> positions of the 22 canonical joints, through a joint map."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from contract import bvh
from contract.errors import InputError
from contract.skeleton import JOINTS

JointMap = dict[str, str]
"""Canonical joint -> an expression over the file's joints: `a`, `a+b` (midpoint) or `end:a` (the end site below a)."""

_METRES = 0.01


def load_joint_maps(path: Path) -> dict[str, JointMap]:
    """Source name -> joint map, from a JSON file with `maps`; InputError unless every map has exactly the 22 joints."""
    try:
        maps = json.loads(path.read_text())["maps"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError("joint maps", str(path), "a JSON file with an object `maps`") from error
    for source, joint_map in maps.items():
        if set(joint_map) != set(JOINTS):
            wrong = sorted(set(joint_map) ^ set(JOINTS))
            raise InputError(f"joint map {source}", wrong, "exactly the 22 canonical joints")
    return maps


def read_clip(path: Path, joint_map: JointMap) -> tuple[NDArray[np.float64], float]:
    """Positions [frame, 22, 3] (m, Y up, the file being in centimetres) and frames a second of a BVH file.

    InputError if the file is malformed or lacks a joint of the map.
    """
    clip = bvh.read(path)
    found = bvh.world_positions(clip)
    positions = np.stack([_evaluate(joint_map[name], found) for name in JOINTS], axis=1)
    return positions * _METRES, 1.0 / clip.frame_time


def _evaluate(expression: str, positions: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    names = expression.split("+")
    missing = [name for name in names if name not in positions]
    if missing:
        raise InputError("joint map entry", expression, f"joints of the file, which has no {missing[0]}")
    return np.mean([positions[name] for name in names], axis=0)
