"""A folder of BVH clips of any skeleton, their captions and joint maps; a missing map, the axes and the unit are found."""

from __future__ import annotations

import collections
import dataclasses
import functools
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from common.errors import InputError
from common.files import is_folder
from common.motion import bvh, bvh_axes
from common.motion.bvh_axes import Given
from common.motion.skeleton import JOINTS
from common.rigs.joint_map import guess
from training.data.captioned import CaptionedClip, load_captions, spans, unknown_fields
from training.data.retarget import DroppedError

from . import UNREADABLE
from .captured import Captured, Joints
from .texts import few

JointMap = dict[str, str]
"""Canonical joint -> an expression over the file's joints: `a`, `a+b` (midpoint) or `end:a` (the end site below a)."""

_CAPTIONS, _JOINT_MAPS = ("captions.jsonl", "captions.csv"), "joint_maps.json"
_ENDING = ".bvh"
_OTHER_MOTION = (
    ".fbx", ".glb", ".gltf", ".dae", ".c3d", ".amc", ".asf", ".npz", ".trc", ".vmd", ".usd", ".usdz", ".blend",
)  # fmt: skip
"""Endings of motion that is not read and so is told."""
_ASKED = 8
"""Other clips of a source that are asked for its axes where a clip alone does not tell."""


def find(folder: Path, captions: tuple[Path, ...], joint_maps: Path | None, given: Given | None = None) -> Captured:
    """The captioned clips of `folder`: FOLDER/SOURCE/CLIP.bvh, or FOLDER/CLIP.bvh where a row names no source.

    Without `captions` those of the folder are read, and so with `joint_maps`. `given` axes and unit hold for all files; of
    those of the joint maps each for its source. InputError if a file is unusable.
    """
    if not is_folder(folder):
        raise InputError("bvh", str(folder), "a folder of BVH files")
    captions = captions or tuple(folder / name for name in _CAPTIONS if (folder / name).is_file())
    if not captions:
        raise InputError("captions", "missing", f"files of captions, or {' or '.join(_CAPTIONS)} in {folder}")
    clips, refused = load_captions(captions, folder.resolve().name)
    if joint_maps is None and (folder / _JOINT_MAPS).is_file():
        joint_maps = folder / _JOINT_MAPS
    maps, axes = load_joint_maps(joint_maps) if joint_maps else ({}, {})
    sources = collections.defaultdict(list)
    for clip in clips:
        sources[clip.source].append(clip.name)
    everywhere = given or Given()
    told = {name: _both(everywhere, axes.get(name, Given())) for name in sources}
    reader = Reader(folder, maps, told, {name: tuple(clips) for name, clips in sources.items()})
    skipped = unknown_fields(captions) | _not_taken(folder, reader, clips) | _unused(sources, maps, axes)
    return Captured(reader, spans, clips, bvh_axes.UNITS_M["cm"], refused, skipped)


def _both(everywhere: Given, own: Given) -> Given:
    return Given(everywhere.up or own.up, everywhere.unit or own.unit)


def _not_taken(folder: Path, reader: Reader, clips: Sequence[CaptionedClip]) -> dict[str, int]:
    """Reason -> how many files of the folder are in no caption row, or no BVH at all."""
    taken = {reader.path_of(clip.source, clip.name) for clip in clips}
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    silent = [
        path.relative_to(folder).as_posix() for path in files if path.suffix.lower() == _ENDING and path not in taken
    ]
    other = [path.relative_to(folder).as_posix() for path in files if path.suffix.lower() in _OTHER_MOTION]
    reasons = {"BVH files without captions": silent, "files of other kinds than BVH": other}
    return {f"{reason} ({few(names)})": len(names) for reason, names in reasons.items() if names}


def _unused(sources: dict[str, list[str]], maps: dict[str, JointMap], axes: dict[str, Given]) -> dict[str, int]:
    names = sorted({*maps, *axes} - {*sources})
    return {f"joint maps whose source no caption names ({few(names)})": len(names)} if names else {}


@dataclasses.dataclass(frozen=True)
class Reader:
    """Reads a clip of a folder through its source's joint map, or through a guessed one.

    given: source -> its axes and unit as far as a person tells them. names: source -> its clips.
    """

    folder: Path
    maps: dict[str, JointMap]
    given: dict[str, Given] = dataclasses.field(default_factory=dict)
    names: dict[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)

    def __call__(self, clip: CaptionedClip) -> Joints:
        """The clip's joints; InputError if they cannot be had."""
        file = load(self.path_of(clip.source, clip.name), self.maps.get(clip.source))
        given = self.given.get(clip.source, Given())
        up = bvh_axes.up_of(file.positions, file.rest)
        told = "as the clip shows" if up.sure else "as its rest pose tells"
        if given.up is not None:
            against = f", against the clip, which stands with {up.name} up" if up.sure and up.name != given.up else ""
            up, told = bvh_axes.Up(given.up, True), f"as given{against}"
        elif not up.sure and (usual := _usual_up(self, clip.source)):
            up, told = bvh_axes.Up(usual, True), "as in the source's other clips"
        return upright(file, up.name, given.unit, f"{up.name} up, {told}")

    def path_of(self, source: str, name: str) -> Path:
        """Where a clip's file is, in whatever case its ending is written."""
        for folder in (self.folder / source, self.folder):
            for ending in (_ENDING, _ENDING.upper()):
                if (path := folder / f"{name}{ending}").is_file():
                    return path
        return self.folder / source / f"{name}{_ENDING}"

    def __hash__(self) -> int:
        return hash(self.folder)


@functools.lru_cache(maxsize=64)
def _usual_up(reader: Reader, source: str) -> str | None:
    """The upward axis of a source's clips that show one, if most agree."""
    names = reader.names.get(source, ())
    found: collections.Counter[str] = collections.Counter()
    for name in names[:: max(1, len(names) // _ASKED)]:
        try:
            file = load(reader.path_of(source, name), reader.maps.get(source))
        except UNREADABLE:  # reported when its turn comes
            continue
        up = bvh_axes.up_of(file.positions, file.rest)
        found[up.name] += up.sure
    most = found.most_common(1)
    return most[0][0] if most and most[0][1] * 2 > found.total() else None


@dataclasses.dataclass(frozen=True)
class File:
    """The canonical joints of a BVH file in its own axes and unit: positions [frame, 22, 3], rest [22, 3] without rotations."""

    positions: NDArray[np.float64]
    rest: NDArray[np.float64]
    fps: float
    notes: tuple[str, ...]


def load(path: Path, joint_map: JointMap | None) -> File:
    """A file's joints; without a map it is guessed from names and offsets.

    InputError if the file is malformed, lacks a joint of the map or tells too little.
    """
    clip = bvh.read(path)
    rig = bvh.rig(clip)
    joint_map = joint_map or guess(rig, {clip.names[joint] for joint in clip.end_sites})
    still = {name: rig.heads[bone][None] for bone, name in enumerate(clip.names)}
    still |= {f"end:{clip.names[joint]}": rig.tails[joint][None] for joint in clip.end_sites}
    positions, rest = (
        np.stack([_evaluate(joint_map[name], found) for name in JOINTS], axis=1)
        for found in (bvh.world_positions(clip), still)
    )
    return File(positions, rest[0], 1.0 / clip.frame_time, clip.notes)


def upright(file: File, up: str, unit: str | None, told: str) -> Joints:
    """A file's joints in metres with Y up; `unit` is found where it is None. DroppedError for a body inside out."""
    metres, words = bvh_axes.unit_of(bvh_axes.legs(file.positions), unit)
    positions = bvh_axes.turned(file.positions, up) * metres
    if bvh_axes.mirrored(positions):
        raise DroppedError("toes that point behind the body: left and right are swapped, or the axes are left-handed")
    return Joints(positions, file.fps, f"{told}; {words}", file.notes)


def load_joint_maps(path: Path) -> tuple[dict[str, JointMap], dict[str, Given]]:
    """Source -> joint map, and source -> axes and unit, from a JSON file with `maps` and perhaps `axes`.

    InputError unless every map has exactly the 22 joints and all axes and units are known ones.
    """
    try:
        page = json.loads(path.read_text("utf-8-sig"))
        maps, axes = page["maps"], page.get("axes", {})
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise InputError("joint maps", str(path), "a JSON file with an object `maps`") from error
    for name, table in (("maps", maps), ("axes", axes)):
        if not isinstance(table, dict) or not all(isinstance(value, dict) for value in table.values()):
            raise InputError(f"joint maps, {name}", table, "an object of objects, one for each source")
    for source, joint_map in maps.items():
        if set(joint_map) != set(JOINTS):
            wrong = sorted(set(joint_map) ^ set(JOINTS))
            raise InputError(f"joint map {source}", wrong, "exactly the 22 canonical joints")
        for joint, expression in joint_map.items():
            if not isinstance(expression, str):
                raise InputError(f"joint map {source}, {joint}", expression, "joints of the file, as text")
    for source, told in axes.items():
        if more := sorted(set(told) - {"up", "unit"}):
            raise InputError(f"axes of {source}", more[0], "up and unit")
    return maps, {
        source: Given.of(f"axes of {source},", told.get("up"), told.get("unit")) for source, told in axes.items()
    }


def read_clip(path: Path, joint_map: JointMap | None) -> tuple[NDArray[np.float64], float]:
    """Positions [frame, 22, 3] (m, Y up) and frames a second of one BVH file by itself; raises what `load` and `upright` do."""
    file = load(path, joint_map)
    joints = upright(file, bvh_axes.up_of(file.positions, file.rest).name, None, "")
    return joints.positions, joints.fps


def _evaluate(expression: str, positions: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    names = expression.split("+")
    missing = [name for name in names if name not in positions]
    if missing:
        raise InputError("joint map entry", expression, f"joints of the file, which has no {missing[0]}")
    return np.mean([positions[name] for name in names], axis=0)
