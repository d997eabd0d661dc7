"""One installation at a time on a computer, however many Blenders run; no bpy."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from .errors import InstallError


@contextlib.contextmanager
def lock(path: Path) -> Iterator[None]:
    """Holds a file that the system releases when this process ends, however it ends; InstallError if another one has it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+b")
    except OSError as error:
        raise InstallError(
            f"{path.parent} cannot be written: {error.strerror or error}.", "Check the folder's permissions."
        ) from None
    with file:
        try:
            _hold(file.fileno())
        except OSError:
            raise InstallError(
                "Another Blender is installing or removing the backend.", "Wait until it has finished."
            ) from None
        yield


def _hold(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
