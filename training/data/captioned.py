"""Caption rows (JSON lines, or a CSV file with a header) -> clips with their captioned spans."""

from __future__ import annotations

import collections
import contextlib
import csv
import dataclasses
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from common import FPS
from common.errors import InputError

from .actions_of import action_of

_FIELDS: dict[str, type | tuple[type, ...]] = {
    "source": str, "clip": str, "split": str, "license": str, "start_s": (int, float), "end_s": (int, float),
    "captions": list, "any_crop_fits": bool, "caption_origin": str,
}  # fmt: skip
_DEFAULTS: dict[str, Any] = {
    "split": "", "license": "not stated", "start_s": 0.0, "end_s": float("inf"), "any_crop_fits": False,
}  # fmt: skip
_MORE_FIELDS = ("plain", "concepts")
_TABLE = ".csv"
_COMMAS = (",", ";", "\t")
"""Spreadsheets of other countries write the others."""
_TRUE, _FALSE = ("true", "yes", "1"), ("false", "no", "0", "")
_EVERY = 10
"""Where no split is given, one clip in this many is for validation."""
_DAY_S = 86_400.0
SPLITS = ("train", "val", "test")


@dataclasses.dataclass(frozen=True)
class CaptionedClip:
    """A clip to prepare; `rows` are its caption rows in the files' order."""

    source: str
    name: str
    split: str
    license: str
    rows: tuple[dict, ...]


def load_captions(
    paths: Iterable[Path], default_source: str = ""
) -> tuple[tuple[CaptionedClip, ...], tuple[tuple[str, str, str], ...]]:
    """All captioned clips, sorted by source and name, and (source, file and line, reason) of rows that cannot be used.

    Only `clip` and `captions` (in a CSV file `caption`) must be given. Clips without a split get one: in their order
    every tenth, and at least the last one, is for validation. InputError if a file cannot be read.
    """
    grouped: dict[tuple[str, str], list[dict]] = {}
    refused = []
    for path in paths:
        for number, given in _lines(path):
            where = f"{path.name} line {number}"
            try:
                row = _row(given, where, {"source": default_source, "caption_origin": path.stem, **_DEFAULTS})
            except InputError as error:
                refused.append((default_source, where, str(error)))
                continue
            rows = grouped.setdefault((row["source"], row["clip"]), [])
            if path.suffix.lower() == _TABLE:  # one caption a line: those of one span belong together
                row["captions"] = _joined(rows, row) + row["captions"]
            rows.append(row)
    clips = []
    for (source, name), rows in sorted(grouped.items()):
        splits = {row["split"] for row in rows}
        if len(splits) > 1:
            raise InputError(f"split of {source}/{name}", sorted(splits), "one split for all rows of a clip")
        clips.append(CaptionedClip(source, name, rows[0]["split"], rows[0]["license"], tuple(rows)))
    return _with_splits(clips), tuple(refused)


def unknown_fields(paths: Iterable[Path]) -> dict[str, int]:
    """Reason -> how many rows have a field that no row has: a misspelt one would be lost without a word."""
    found: collections.Counter[str] = collections.Counter()
    for path in paths:
        for _, given in _lines(path):
            with contextlib.suppress(ValueError, RecursionError):  # refused elsewhere
                row = json.loads(given) if isinstance(given, str) else given
                found.update(
                    key for key in (row if isinstance(row, dict) else {}) if key not in (*_FIELDS, *_MORE_FIELDS)
                )
    return {f"caption rows with the field {key!r}, which is not read": count for key, count in sorted(found.items())}


def _joined(rows: list[dict], row: dict) -> list[str]:
    """Takes those of `rows` that differ from `row` in nothing but their captions away, and returns their captions."""
    twins = [other for other in rows if {**other, "captions": row["captions"]} == row]
    for twin in twins:
        rows.remove(twin)
    return [caption for twin in twins for caption in twin["captions"]]


def _with_splits(clips: list[CaptionedClip]) -> tuple[CaptionedClip, ...]:
    without = [clip for clip in clips if not clip.split]
    last = len(without) - 1
    chosen = {
        (clip.source, clip.name): "val" if place % _EVERY == _EVERY - 1 or 0 < place == last < _EVERY else "train"
        for place, clip in enumerate(without)
    }
    return tuple(dataclasses.replace(clip, split=chosen.get((clip.source, clip.name)) or clip.split) for clip in clips)


def _lines(path: Path) -> list[tuple[int, object]]:
    """(line number, row as it stands) of a file; InputError if it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("captions", str(path), "a readable file of JSON lines or a .csv file, in UTF-8") from error
    if path.suffix.lower() != _TABLE:
        return [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    heading = text.partition("\n")[0]
    comma = max(_COMMAS, key=heading.count)
    reader = csv.DictReader(io.StringIO(text), delimiter=comma)
    try:
        if not {"clip", "caption"} <= set(reader.fieldnames or ()):
            raise InputError("captions", str(path), "a .csv file whose first line names the columns clip and caption")
        return [(reader.line_num, _from_csv(row)) for row in reader]
    except csv.Error as error:
        raise InputError("captions", str(path), f"a .csv file ({error})") from error


def _from_csv(cells: dict[str | None, Any]) -> dict[str, Any]:
    """A CSV row in the types of a JSON row; what cannot be read stays as it is and is refused later."""
    row: dict[str, Any] = {key: cell for key, cell in cells.items() if isinstance(key, str) and cell}
    row["captions"] = [row.pop("caption", "")]
    for key in ("start_s", "end_s"):
        if key in row:
            try:
                row[key] = float(row[key])
            except ValueError:
                continue
    word = row.get("any_crop_fits", "").lower()
    if word in _TRUE + _FALSE:
        row["any_crop_fits"] = word in _TRUE
    return row


def _row(given: object, where: str, defaults: dict[str, Any]) -> dict:
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            raise InputError(where, given, "a JSON object") from None
    if not isinstance(given, dict):
        raise InputError(where, given, "a JSON object")
    row = {**defaults, **given}
    for field, kind in _FIELDS.items():
        if not isinstance(row.get(field), kind):
            raise InputError(
                f"{where}, {field}", row.get(field), "the field with its type (docs/training-guide.md shows a row)"
            )
    row["clip"] = row["clip"].removesuffix(".bvh").removesuffix(".BVH")
    for field in ("source", "clip"):
        if Path(row[field]).name != row[field] or not row[field]:
            raise InputError(f"{where}, {field}", row[field], "the name of a file or folder, not a path")
    if row["split"] not in ("", *SPLITS):
        raise InputError(f"{where}, split", row["split"], f"one of {', '.join(SPLITS)}")
    if not row["captions"] or not all(isinstance(text, str) and text.strip() for text in row["captions"]):
        raise InputError(f"{where}, captions", row["captions"], "at least one sentence")
    if not 0 <= row["start_s"] < min(row["end_s"], _DAY_S):
        raise InputError(f"{where}, start_s", row["start_s"], "0 <= start_s < end_s")
    return row


def spans(clip: CaptionedClip, frames: int) -> tuple[list[dict], tuple[str, ...]]:
    """The captioned spans inside a clip of `frames` at 20 fps, relative to its start; notes on those beyond its end."""
    result: list[dict] = []
    notes = []
    for row in clip.rows:
        start = round(row["start_s"] * FPS)
        stop = min(frames, round(min(row["end_s"], frames) * FPS) + 1)
        if stop <= start:
            notes.append(f"a caption from {row['start_s']:g} s, the clip having {frames / FPS:.1f} s")
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
            | {name: row[name] for name in ("plain", "concepts") if row.get(name)}
        )
    return result, tuple(notes)
