"""Writing files so that a reader never meets half of one."""

from __future__ import annotations

import os
from pathlib import Path

from .errors import InputError


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
