"""The folder that `training.prepare` reads: clips, captions.jsonl, joint_maps.json; no bpy.

    FOLDER/SOURCE/CLIP.bvh   SOURCE is the armature, CLIP the Action, on the canonical skeleton
    FOLDER/captions.jsonl    one clip a row, as docs/training-guide.md describes it
    FOLDER/joint_maps.json   each source's joints

Exporting another armature into the same folder adds a source; the same armature again replaces its own rows.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...common.errors import InputError
from ...common.files import is_folder, replace_file
from ...common.motion import bvh
from ...common.motion.motion import Motion
from ...common.motion.skeleton import JOINTS

AUTO, TRAIN, VAL = "AUTO", "TRAIN", "VAL"
MIN_CLIPS = 2
_ONE_OF = 10
_CAPTIONS, _MAPS = "captions.jsonl", "joint_maps.json"
_NOT_IN_A_FILE_NAME = re.compile(r"[^A-Za-z0-9_-]+")
_NAME_CHARACTERS = 80


@dataclasses.dataclass(frozen=True)
class Clip:
    """One Action: its motion, its captions, and how training shall use it (`split` is AUTO, TRAIN or VAL)."""

    name: str
    captions: tuple[str, ...]
    split: str
    any_part_fits: bool
    motion: Motion

    @property
    def seconds(self) -> float:
        """Time from the first frame to the last."""
        return (self.motion.frames - 1) / self.motion.fps


def write(folder: Path, source: str, licence: str, clips: Sequence[Clip]) -> None:
    """Writes the clips of one armature; InputError, with nothing written, if the folder or the clips will not do."""
    if len(clips) < MIN_CLIPS:
        raise InputError(
            "Actions", f"{len(clips)} with captions", f"at least {MIN_CLIPS}: one to train on, one to check with"
        )
    if not is_folder(folder):
        raise InputError("Folder", str(folder), "a folder that exists")
    source = file_name(source)
    rows = [row for row in _old_rows(folder) if row.get("source") != source]
    maps = _old_maps(folder) | {source: {name: name for name in JOINTS}}
    names = _distinct([file_name(clip.name) for clip in clips])
    for name, clip, split in zip(names, clips, splits(clips), strict=True):
        rows.append(
            {
                "source": source,
                "clip": name,
                "split": split,
                "license": licence,
                "start_s": 0.0,
                "end_s": round(clip.seconds, 4),
                "captions": list(clip.captions),
                "any_crop_fits": clip.any_part_fits,
                "caption_origin": "blender",
            }
        )
    _make(folder / source)
    for name, clip in zip(names, clips, strict=True):
        bvh.write(folder / source / f"{name}.bvh", clip.motion)
    replace_file(folder / _MAPS, (json.dumps({"maps": maps}, indent=1, ensure_ascii=False) + "\n").encode())
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    replace_file(folder / _CAPTIONS, text.encode())


def splits(clips: Sequence[Clip]) -> list[str]:
    """`train` or `val` for each clip: as chosen; if none is chosen for val, every tenth of the others is, at least one."""
    chosen = [clip.split.lower() if clip.split != AUTO else "train" for clip in clips]
    free = sorted((clip.name, index) for index, clip in enumerate(clips) if clip.split == AUTO)
    if "val" not in chosen and len(free) > 0:
        count = max(1, len(free) // _ONE_OF)
        for part in range(count):
            chosen[free[(2 * part + 1) * len(free) // (2 * count)][1]] = "val"
    if set(chosen) != {"train", "val"}:
        raise InputError("Use For", chosen[0], "some Actions to train on and at least one to check with")
    return chosen


def file_name(name: str) -> str:
    """A name as any file system takes it."""
    return _NOT_IN_A_FILE_NAME.sub("_", name).strip("_")[:_NAME_CHARACTERS] or "unnamed"


def _distinct(names: Sequence[str]) -> list[str]:
    """The names, later ones numbered where they would be the same file, also where case does not count."""
    found: list[str] = []
    for name in names:
        candidate, number = name, 1
        while candidate.lower() in (other.lower() for other in found):
            number += 1
            candidate = f"{name}_{number}"
        found.append(candidate)
    return found


def _make(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise InputError("Folder", str(folder), f"a place that can be written ({error.strerror})") from error


def _old_rows(folder: Path) -> list[dict[str, Any]]:
    rows = _read(folder / _CAPTIONS, lambda text: [json.loads(line) for line in text.splitlines()], [])
    return [row for row in rows if isinstance(row, dict)]


def _old_maps(folder: Path) -> dict[str, Any]:
    return dict(_read(folder / _MAPS, lambda text: json.loads(text)["maps"], {}))


def _read(path: Path, parse: Any, default: Any) -> Any:
    """What an earlier export left; a file that is not one of ours is never overwritten."""
    try:
        return parse(path.read_text("utf-8")) if path.exists() else default
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(path.name, "not one of ours", "an empty folder or one that was exported before") from None
