"""Files: written so that a reader never meets half of one, read so that none is too large."""

from __future__ import annotations

import os
from pathlib import Path

from .errors import InputError

MAX_SMALL_BYTES = 1024 * 1024


def read_small(path: Path) -> str:
    """The text of a small file; ValueError if it is larger than MAX_SMALL_BYTES or no UTF-8, OSError if it cannot be read."""
    with path.open("rb") as file:
        content = file.read(MAX_SMALL_BYTES + 1)
    if len(content) > MAX_SMALL_BYTES:
        raise ValueError(f"more than {MAX_SMALL_BYTES} bytes")
    return content.decode("utf-8")


def replace_file(path: str | Path, content: bytes) -> None:
    """Writes `content` beside `path` and moves it there in one step; InputError if the folder does not take it."""
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise InputError("output file", str(path), f"a place that can be written ({error.strerror})") from error


def is_folder(path: Path) -> bool:
    """Whether there is a folder; a name that is too long, or that may not be looked into, is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def require_folder(field: str, path: Path) -> None:
    """InputError naming `field` unless `path` is a folder that can be written, or can be made; nothing is made yet."""
    place = path
    while not os.path.lexists(place) and place != place.parent:
        place = place.parent
    if not place.is_dir():
        raise InputError(
            field,
            str(path),
            f"a folder, which {place.name} is not"
            if place == path
            else f"a path through folders, which {place.name} is not",
        )
    if not os.access(place, os.W_OK | os.X_OK):
        raise InputError(field, str(path), f"a place that can be written, which {place} is not")
