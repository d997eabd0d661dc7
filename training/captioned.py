"""Caption rows (JSON lines) -> clips with their captioned spans."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path

from contract import FPS
from contract.errors import InputError

from .actions_of import action_of

_FIELDS: dict[str, type | tuple[type, ...]] = {
    "source": str, "clip": str, "split": str, "license": str, "start_s": (int, float), "end_s": (int, float),
    "captions": list, "any_crop_fits": bool, "caption_origin": str,
}  # fmt: skip
SPLITS = ("train", "val", "test")


@dataclasses.dataclass(frozen=True)
class CaptionedClip:
    """A clip to prepare; `rows` are its caption rows in the files' order."""

    source: str
    name: str
    split: str
    license: str
    rows: tuple[dict, ...]


def load_captions(paths: Iterable[Path]) -> list[CaptionedClip]:
    """All captioned clips, sorted by source and name; InputError naming file and line of a bad row."""
    grouped: dict[tuple[str, str], list[dict]] = {}
    for path in paths:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise InputError("captions", str(path), "a readable file of JSON lines") from error
        for number, line in enumerate(lines, start=1):
            row = _row(line, f"{path.name} line {number}")
            grouped.setdefault((row["source"], row["clip"]), []).append(row)
    clips = []
    for (source, name), rows in sorted(grouped.items()):
        splits = {row["split"] for row in rows}
        if len(splits) > 1:
            raise InputError(f"split of {source}/{name}", sorted(splits), "one split for all rows of a clip")
        clips.append(CaptionedClip(source, name, rows[0]["split"], rows[0]["license"], tuple(rows)))
    return clips


def _row(line: str, where: str) -> dict:
    try:
        row = json.loads(line)
    except ValueError:
        raise InputError(where, line, "a JSON object") from None
    if not isinstance(row, dict):
        raise InputError(where, row, "a JSON object")
    for field, kind in _FIELDS.items():
        if not isinstance(row.get(field), kind):
            raise InputError(
                f"{where}, {field}", row.get(field), "the field with its type (docs/training-guide.md shows a row)"
            )
    if row["split"] not in SPLITS:
        raise InputError(f"{where}, split", row["split"], f"one of {', '.join(SPLITS)}")
    if not row["captions"] or not all(isinstance(text, str) and text.strip() for text in row["captions"]):
        raise InputError(f"{where}, captions", row["captions"], "at least one sentence")
    if not 0 <= row["start_s"] < row["end_s"]:
        raise InputError(f"{where}, start_s", row["start_s"], "0 <= start_s < end_s")
    return row


def spans(clip: CaptionedClip, frames: int) -> list[dict]:
    """The captioned spans inside a clip of `frames` at 20 fps, relative to its start; spans beyond its end are left out."""
    result = []
    for row in clip.rows:
        start = round(row["start_s"] * FPS)
        stop = min(frames, round(row["end_s"] * FPS) + 1)
        if stop <= start:
            continue
        result.append(
            {
                "start": start,
                "frames": stop - start,
                "captions": row["captions"],
                "action": action_of(row["captions"], clip.name),
                "any_crop_fits": row["any_crop_fits"],
                "caption_origin": row["caption_origin"],
            }
        )
    return result
