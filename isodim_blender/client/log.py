"""The backend's log file, never larger than its limit: the newest part stays; no bpy."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

LIMIT_BYTES = 2 * 1024 * 1024
_TAIL_BYTES = 4 * 1024
_KEPT_FILES = 6
_LINE_CHARACTERS = 200
_ROUTINE = re.compile(r"\d{4}-\d\d-\d\d \S+ \S+ (DEBUG|INFO) ")


class Log:
    """A file that starts again, after one older generation, when it is full; a full disk loses lines and nothing else."""

    def __init__(self, path: Path, limit: int = LIMIT_BYTES) -> None:
        """Starts an empty file in a folder that exists. It and its older half stay within `limit` bytes together."""
        self._path, self._half = path, limit // 2
        self._older = path.with_suffix(".old.log")
        self._size, self._tail = 0, b""
        with contextlib.suppress(OSError):
            path.write_bytes(b"")
            self._older.unlink(missing_ok=True)

    def write(self, chunk: bytes) -> None:
        """Appends bytes."""
        chunk = chunk[-self._half :]
        self._tail = (self._tail + chunk)[-_TAIL_BYTES:]
        with contextlib.suppress(OSError):
            if self._size + len(chunk) > self._half:
                self._path.replace(self._older)
                self._size = 0
            with self._path.open("ab") as file:
                self._size += file.write(chunk)

    def last_line(self) -> str:
        """The last line, cut to a panel's width; empty if there is none or it is a record of normal work, which explains no end."""
        lines = [line.strip() for line in self._tail.decode("utf-8", "replace").splitlines() if line.strip()]
        return lines[-1][:_LINE_CHARACTERS] if lines and not _ROUTINE.match(lines[-1]) else ""


def tidy(folder: Path, keep: int = _KEPT_FILES) -> None:
    """Leaves the newest logs in a folder that every Blender writes its own into, named by its process."""
    with contextlib.suppress(OSError):
        oldest_first = sorted(folder.glob("backend*.log"), key=lambda path: path.stat().st_mtime)
        for path in oldest_first[: max(0, len(oldest_first) - keep)]:
            path.unlink(missing_ok=True)


def read_tail(path: Path) -> str:
    """The end of a log file, for a report; empty if there is none."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""
