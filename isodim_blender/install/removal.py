"""Taking an environment away, and how much room it takes; both may take seconds and belong in a thread; no bpy."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from pathlib import Path

from .errors import InstallError

_LEAVING_S, _LOOK_S = 6.0, 0.2


def discard(folder: Path) -> None:
    """Removes an environment. It is renamed first: from then on nobody takes it for one, whenever this is cut short.

    Raises InstallError if something still uses it.
    """
    sweep(folder)
    if not folder.exists():
        return
    number = 1
    while (aside := folder.with_name(f"{folder.name}.old-{number}")).exists():
        number += 1
    _rename(folder, aside)
    sweep(folder)


def _rename(folder: Path, aside: Path) -> None:
    # Windows renames no folder whose program runs, and a backend that was asked to leave may take seconds.
    deadline = time.monotonic() + _LEAVING_S
    while True:
        try:
            folder.rename(aside)
            return
        except OSError as error:
            if time.monotonic() > deadline:
                raise InstallError(
                    f"{folder} cannot be removed: {error.strerror or error}.",
                    "Close other Blender windows that use it, then press the button again.",
                ) from None
        time.sleep(_LOOK_S)


def sweep(folder: Path) -> None:
    """Removes what `discard` could not finish; what is still in use stays for the next time."""
    for aside in folder.parent.glob(f"{folder.name}.old-*"):
        shutil.rmtree(aside, ignore_errors=True)


def disk_use(folder: Path) -> int:
    """Bytes of all files in a folder; links are not followed, what goes away meanwhile does not count."""
    total, left = 0, [str(folder)]
    while left:
        with contextlib.suppress(OSError), os.scandir(left.pop()) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        left.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_size
    return total
