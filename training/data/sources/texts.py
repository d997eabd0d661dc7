"""HumanML3D's annotation files: texts/NAME.txt, and the lists train.txt, val.txt and test.txt (Guo et al., CVPR 2022).

A line of texts is `caption#words with part of speech#start#end`: seconds inside the clip, 0.0#0.0 being the whole clip.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from common.errors import InputError
from training.data.actions_of import action_of
from training.data.captioned import SPLITS, CaptionedClip
from training.data.retarget import DroppedError

_NEEDED = ("train", "val")
_MIRRORED = "M"
_MIRROR_FILES = "mirrored files, which training makes itself"
_DAY_S = 86_400.0
_FEW = 3


@dataclasses.dataclass(frozen=True)
class Annotation:
    """One line: a caption and its span in seconds, `end_s` 0 being the clip's end."""

    caption: str
    start_s: float
    end_s: float


def read_lists(folder: Path) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Clip name -> split, in the lists' order; and (name, reason) of entries that cannot be used.

    InputError if train.txt or val.txt is missing; test.txt may be.
    """
    found: dict[str, str] = {}
    refused = []
    for split in SPLITS:
        path = folder / f"{split}.txt"
        if not path.is_file():
            if split in _NEEDED:
                raise InputError("data", str(folder), f"a folder with {path.name} in the published layout")
            continue
        for entry in path.read_text(encoding="utf-8-sig", errors="replace").split():
            name = entry.removesuffix(".npy").removesuffix(".txt")
            if Path(name).name != name:
                refused.append((name, f"a clip of {path.name} whose name leads elsewhere"))
            elif found.setdefault(name, split) != split:
                refused.append((name, f"listed in {found[name]}.txt and again in {path.name}; the first counts"))
    return found, refused


def without_mirrored(names: dict[str, str]) -> dict[str, str]:
    """The names less the mirrored files (`M...`) whose plain twin is in the same list."""
    return {
        name: split
        for name, split in names.items()
        if not (name.startswith(_MIRRORED) and names.get(name.removeprefix(_MIRRORED)) == split)
    }


def read_texts(path: Path) -> tuple[list[Annotation], tuple[str, ...]]:
    """The usable lines of a file, and what is wrong with the others; DroppedError if none can be used."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        raise DroppedError(f"texts/{path.name} is missing") from None
    found, notes = [], []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found.append(_annotation(line))
        except ValueError as error:
            notes.append(f"texts/{path.name} line {number}: {error}")
    if not found:
        raise DroppedError(notes[0] if notes else f"texts/{path.name} holds no caption")
    return found, tuple(notes)


def _annotation(line: bytes) -> Annotation:
    """A line's content; ValueError with the reason."""
    try:
        caption, *_, start, end = line.decode("utf-8").strip().split("#")
        times = [float(word) for word in (start, end)]
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    except ValueError:
        raise ValueError("not caption#words#start#end") from None
    if not caption.strip():
        raise ValueError("an empty caption")
    start_s, end_s = (0.0 if math.isnan(time) else time for time in times)  # as the published loaders read them
    if not (0 <= start_s < _DAY_S and 0 <= end_s < _DAY_S and (start_s < end_s or start_s == end_s == 0)):
        raise ValueError(f"a span from {start} to {end} s")
    return Annotation(caption.strip(), start_s, end_s)


def spans_of(
    annotations: list[Annotation], name: str, frames: int, fps: float, origin: str
) -> tuple[list[dict], tuple[str, ...]]:
    """Rows for clips.jsonl, captions of one span together, and notes on spans beyond the clip's end.

    Frames are int(seconds * fps), the end exclusive, as in the published loaders. Whether a part of a span still fits
    its words is not known, so `any_crop_fits` is false.
    """
    grouped: dict[tuple[int, int], list[str]] = {}
    notes = []
    for row in annotations:
        start = int(row.start_s * fps)
        stop = min(frames, int(row.end_s * fps)) if row.end_s else frames
        if stop > start:
            grouped.setdefault((start, stop), []).append(row.caption)
        else:
            notes.append(f"a caption from {row.start_s:g} to {row.end_s:g} s, the clip having {frames / fps:.1f} s")
    return [
        {
            "start": start,
            "frames": stop - start,
            "captions": captions,
            "action": action_of(captions, name),
            "any_crop_fits": False,
            "caption_origin": origin,
        }
        for (start, stop), captions in grouped.items()
    ], tuple(notes)


def listed_clips(
    folder: Path, source: str, license_name: str, mirror: bool
) -> tuple[tuple[CaptionedClip, ...], tuple[tuple[str, str, str], ...], dict[str, int]]:
    """The clips of the lists (captions are read later), broken entries, and how many mirrored files were skipped."""
    names, refused = read_lists(folder)
    kept = without_mirrored(names) if mirror else names
    clips = tuple(CaptionedClip(source, name, split, license_name, ()) for name, split in kept.items())
    skipped = {_MIRROR_FILES: len(names) - len(kept)} if len(kept) < len(names) else {}
    return clips, tuple((source, name, reason) for name, reason in refused), skipped


def unlisted(folder: Path, listed: Collection[str], mirror: bool, skipped: Mapping[str, int]) -> dict[str, int]:
    """Reason -> how many .npy files of `folder` are in no list; with `mirror`, mirrored files are counted to those `skipped`."""
    alone = sorted({path.stem for path in folder.glob("*.npy")} - {*listed})
    twins = {name for name in alone if mirror and name.startswith(_MIRRORED) and name.removeprefix(_MIRRORED) in listed}
    left = [name for name in alone if name not in twins]
    found = {f"files of {folder.name} that are in no list ({few(left)})": len(left)} if left else {}
    return found | ({_MIRROR_FILES: skipped.get(_MIRROR_FILES, 0) + len(twins)} if twins else {})


def few(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    return ", ".join(names[:_FEW]) + (f" and {len(names) - _FEW} more" if len(names) > _FEW else "")
