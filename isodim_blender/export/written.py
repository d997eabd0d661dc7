"""What Blender's exporters wrote, looked into: an armature and an animation are in the file, or success is not said; no bpy."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path

from ...common.errors import InputError
from ...common.motion import bvh

_GLB_HEADER, _CHUNK_HEADER = 12, 8
_FBX_MAGIC = b"Kaydara FBX Binary"


def check(path: Path, name: str, kind: str, frames: int) -> None:
    """Nothing, if the file of that format holds an armature and its animation; otherwise InputError.

    name: of the file, for the sentence. frames: that were asked for.
    """
    try:
        lacks = _LACKS[kind](path, frames)
    except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
        lacks = f"not readable ({error})"
    if lacks:
        raise InputError(
            "Exported file",
            f"{name}, {lacks}",
            "an armature that moves: Blender's exporter left it out (look whether the armature hangs on something hidden or linked)",
        )


def _bvh(path: Path, frames: int) -> str:
    found = bvh.read(path)
    if len(found.values) != frames:
        return f"{len(found.values)} frames of {frames}"
    return "" if len(found.names) else "without bones"


def _fbx(path: Path, _frames: int) -> str:
    content = path.read_bytes()
    if not content.startswith(_FBX_MAGIC):
        return "no FBX"
    if b"LimbNode" not in content:
        return "without bones"
    return "" if b"AnimationCurveNode" in content else "without animation"


def _gltf(path: Path, _frames: int) -> str:
    content = path.read_bytes()
    magic, _, length = struct.unpack_from("<4sII", content)
    if magic != b"glTF" or length != len(content):
        return "no whole glTF"
    size, _ = struct.unpack_from("<II", content, _GLB_HEADER)
    found = json.loads(content[_GLB_HEADER + _CHUNK_HEADER :][:size])
    moved = {
        channel["target"]["node"]
        for animation in found.get("animations", ())
        for channel in animation["channels"]
        if "node" in channel["target"]
    }
    if not found.get("nodes"):
        return "without bones"
    return "" if moved else "without animation"


_LACKS: dict[str, Callable[[Path, int], str]] = {"BVH": _bvh, "FBX": _fbx, "GLTF": _gltf}
"""Format -> what a file of it lacks; empty if nothing."""
