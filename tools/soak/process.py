"""What Linux says of processes: their memory, their open files, and whose children are still there."""

from __future__ import annotations

import os
import threading
from pathlib import Path


def resident_mb(pid: int | str = "self") -> float:
    """Memory of a process, MB of 2**20 bytes; 0 if there is none of that number."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20
    except (OSError, IndexError):
        return 0.0


def handles() -> int:
    """Open descriptors of this process."""
    return len(list(Path("/proc/self/fd").iterdir()))


def threads() -> int:
    """Python threads of this process."""
    return threading.active_count()


def marked(mark: str) -> list[int]:
    """Processes, this one apart, whose command line holds `mark`; one that has ended and waits to be collected has none."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            if mark.encode() in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found
