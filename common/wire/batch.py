"""A list of clips to make: a prompt a line, or a CSV with a header; and which of them are there already."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .. import checks
from ..errors import InputError
from ..files import replace_file
from . import requests

COLUMNS = ("prompt", "seconds", "seed", "variations", "name")
LEDGER = "isodim_batch.json"
"""Name of the file in the folder of clips that says with which settings each was made."""
MAX_ROWS = 10_000
_MAX_BYTES = 16 * 2**20
_NAME_CHARACTERS = 60
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of the list. seed None: the run's own. name: of the file or Action, without ending."""

    line: int
    prompt: str
    seconds: float | None
    seed: int | None
    variations: int
    name: str

    @property
    def clips(self) -> tuple[str, ...]:
        """A name for each variation."""
        if self.variations == 1:
            return (self.name,)
        return tuple(f"{self.name}_{number}" for number in range(1, self.variations + 1))

    def request(self, drawing: Mapping[str, Any]) -> requests.Generate:
        """The row as a request; `drawing` has the run's own fields of `requests.Request`. InputError if one is not allowed."""
        given = {} if self.seed is None else {"seed": self.seed}
        return requests.Generate(
            prompt=self.prompt, seconds=self.seconds, count=self.variations, **{**drawing, **given}
        )


@dataclasses.dataclass(frozen=True)
class Listing:
    """The sound rows of a list in its order, and a sentence with the line's number for each other one."""

    rows: tuple[Row, ...]
    problems: tuple[str, ...]


def read(path: Path) -> Listing:
    """The list in a file: CSV if its name ends in .csv, else a prompt a line; UTF-8. InputError if it is no list at all."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError("list", str(path), f"a readable file ({error.strerror})") from error
    if len(content) > _MAX_BYTES:
        raise InputError("list", f"{path.name} of {len(content)} bytes", f"at most {_MAX_BYTES} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(f"{path.name}, line {line}", content[error.start : error.end], "text in UTF-8") from None
    records = _table(path.name, text) if path.suffix.lower() == ".csv" else _lines(text)
    return _checked(path.name, records)


_Record = tuple[int, dict[str, str] | InputError]


def _lines(text: str) -> Iterator[_Record]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield number, {"prompt": line}


def _table(file: str, text: str) -> Iterator[_Record]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    columns: list[str] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if columns is None:
                columns = _columns(f"{file}, line {reader.line_num}", cells)
            elif len(cells) > len(columns):
                yield reader.line_num, InputError("cells", len(cells), f"at most {len(columns)}, as in the header")
            else:
                yield reader.line_num, dict(zip(columns, cells, strict=False))
    except csv.Error as error:
        raise InputError(f"{file}, line {reader.line_num}", str(error), "cells with commas in double quotes") from None


def _columns(place: str, cells: list[str]) -> list[str]:
    found = [cell.strip().lower() for cell in cells]
    for name in found:
        if name not in COLUMNS or found.count(name) > 1:
            raise InputError(f"{place}: column", name, f"each at most once of {', '.join(COLUMNS)}")
    if "prompt" not in found:
        raise InputError(f"{place}: columns", ", ".join(found), "a column named prompt")
    return found


def _checked(file: str, records: Iterator[_Record]) -> Listing:
    rows: list[Row] = []
    problems: list[str] = []
    used: set[str] = set()
    for count, (line, record) in enumerate(records, 1):
        if count > MAX_ROWS:
            raise InputError(file, f"more than {MAX_ROWS} rows", f"at most {MAX_ROWS}")
        try:
            if isinstance(record, InputError):
                raise record
            row = _row(line, record, used)
        except InputError as error:
            problems.append(f"{file}, line {line}: {error}")
        else:
            used.update(name.casefold() for name in (row.name, *row.clips))
            rows.append(row)
    if not rows and not problems:
        raise InputError("list", file, "at least one prompt")
    return Listing(tuple(rows), tuple(problems))


def _row(line: int, record: dict[str, str], used: set[str]) -> Row:
    values = {name: cell.strip() for name, cell in record.items()}
    prompt = checks.text(1, requests.MAX_PROMPT)("prompt", values["prompt"])
    seconds = _number(values.get("seconds", ""))
    if seconds == "auto":
        seconds = None
    row = Row(
        line=line,
        prompt=prompt,
        seconds=checks.number(requests.MIN_SECONDS, requests.MAX_SECONDS, none="auto")("seconds", seconds),
        seed=checks.integer(0, requests.MAX_SEED, none="empty")("seed", _number(values.get("seed", ""))),
        variations=checks.integer(1, requests.MAX_COUNT)("variations", _number(values.get("variations", "") or "1")),
        name=_given_name(values["name"]) if values.get("name") else "",
    )
    if row.name:
        for name in (row.name, *row.clips):
            if name.casefold() in used:
                raise InputError("name", name, "one that no other row has")
        return row
    plain = slug(prompt)
    for number in range(1, MAX_ROWS + 2):
        named = dataclasses.replace(row, name=plain if number == 1 else f"{plain}_{number}")
        if not used.intersection(name.casefold() for name in (named.name, *named.clips)):
            break
    return named


def _number(cell: str) -> int | float | str | None:
    """The number that a cell spells, None for an empty one, else its text for the check to refuse."""
    for kind in (int, float):
        try:
            return kind(cell)
        except ValueError:
            continue
    return cell or None


def _given_name(name: str) -> str:
    allowed = f"1 to {_NAME_CHARACTERS} letters, digits, spaces, dots, - or _, no dot or space at an end"
    if re.fullmatch(r"\w(?:[\w .-]*[\w-])?", name) is None or len(name) > _NAME_CHARACTERS or _RESERVED.fullmatch(name):
        raise InputError("name", name, allowed)
    return name


def slug(prompt: str) -> str:
    """A file's name from a prompt: its words, joined by underscores."""
    found = "_".join(re.findall(r"\w+", prompt.lower()))[:_NAME_CHARACTERS].strip("_") or "clip"
    return f"{found}_" if _RESERVED.fullmatch(found) else found


def fingerprint(request: requests.Generate, **settings: Any) -> str:
    """16 hex digits that differ where the request or `settings`, JSON values, would make another clip."""
    said = dataclasses.asdict(request) | {"settings": settings}
    said.pop("preview", None)  # shows the clip while it is made and changes nothing about it
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


class Ledger:
    """Which files of a folder were made whole, and with which settings; a file counts when it and its entry are there."""

    def __init__(self, folder: Path) -> None:
        """Makes the folder if its parent is there. InputError if it cannot; a damaged ledger counts as empty."""
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise InputError("output folder", str(folder), f"one that can be made ({error.strerror})") from error
        self.folder = folder
        self._made: dict[str, str] = {}
        try:
            found = json.loads((folder / LEDGER).read_text("utf-8"))
        except (OSError, ValueError):
            return
        if isinstance(found, dict):
            self._made = {str(name): str(value) for name, value in found.items()}

    def has(self, name: str, made_with: str) -> bool:
        """Whether the file `name` is there and was made with these settings."""
        return self._made.get(name) == made_with and (self.folder / name).is_file()

    def note(self, name: str, made_with: str) -> None:
        """Says that the file `name` is whole now. InputError if the folder does not take it."""
        self._made[name] = made_with
        content = json.dumps(self._made, indent=1, sort_keys=True, ensure_ascii=False)
        replace_file(self.folder / LEDGER, content.encode("utf-8"))


def eta_s(elapsed_s: float, done: int, total: int) -> float | None:
    """Seconds that remain at the pace so far; None before the first is done."""
    return elapsed_s / done * (total - done) if done else None
