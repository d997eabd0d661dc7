"""One program at a time, its output line by line, cut short whenever the person wants; no bpy."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from ..client.log import Log
from .errors import Cancelled, InstallError

ALIVE = Path(__file__).with_name("alive.py")
_LOOK_S = 0.1
_LEAVE_S = 2.0
_LAST_S = 60.0
# Settings of pip that would put packages elsewhere, or keep it from putting them anywhere.
_MISLEADING = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_PYTHON", "PIP_DRY_RUN", "PIP_REPORT")


def module(python: str, name: str, *arguments: str) -> list[str]:
    """The command for `python -m name`, that ends with its parent. `-I`: no PYTHON* variable and no user folder counts."""
    return [python, "-I", "-B", str(ALIVE), name, *arguments]


def environment(**more: str) -> dict[str, str]:
    """This process's variables without Python's, without those that mislead pip, and with `more`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith("PYTHON") and name.upper() not in _MISLEADING
    }
    return kept | more


def run(
    command: Sequence[str],
    env: dict[str, str],
    folder: Path,
    log: Log,
    heard: Callable[[str], None],
    cancelled: threading.Event,
) -> tuple[int, str]:
    """Runs to the end; `heard` gets each line. Its exit status and its last 16,000 characters.

    Raises Cancelled, when the program is gone, if the event is set; InstallError if it does not start.
    """
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=env,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        reason = error.strerror or str(error)
        raise InstallError(
            f"{command[0]} does not start: {reason}.", "Choose another Python, or press Repair."
        ) from None
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    reader = threading.Thread(target=_read, args=(process, log, lines), name="isodim install read", daemon=True)
    reader.start()
    said = ""
    try:
        while True:
            if cancelled.is_set():
                raise Cancelled
            with contextlib.suppress(queue.Empty):
                line = lines.get(timeout=_LOOK_S)
                if line is None:
                    return process.wait(_LAST_S), said
                said = (said + line + "\n")[-16_000:]
                heard(line)
    finally:
        _end(process)
        reader.join(_LEAVE_S)


def _read(process: subprocess.Popen, log: Log, lines: queue.SimpleQueue[str | None]) -> None:
    assert process.stdout is not None
    with process.stdout as stream:
        for raw in stream:
            log.write(raw)
            for line in raw.decode("utf-8", "replace").splitlines():
                if line.strip():
                    lines.put(line.strip())
    lines.put(None)


def _end(process: subprocess.Popen) -> None:
    assert process.stdin is not None
    with contextlib.suppress(OSError):
        process.stdin.close()
    for push in (process.terminate, process.kill):
        try:
            process.wait(_LEAVE_S)
            return
        except subprocess.TimeoutExpired:
            push()
    process.wait()
