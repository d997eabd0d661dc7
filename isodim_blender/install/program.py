"""One program at a time, its output line by line into a log, cut short whenever the person wants; no bpy."""

from __future__ import annotations

import contextlib
import queue
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from ..client.log import Log
from .failure import Cancelled, InstallError

_LOOK_S, _LEAVE_S = 0.1, 2.0
_REMEMBERED = 16_000


def run(
    step: str,
    command: Sequence[str],
    env: dict[str, str],
    folder: Path,
    log: Log,
    heard: Callable[[str], None],
    cancelled: threading.Event,
) -> tuple[int, str]:
    """Runs to the end; `heard` gets each line. Its exit status and the last 16,000 characters of what it said.

    Raises InstallError where it does not start, Cancelled when it is gone after the event was set.
    """
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder, env=env,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip
    except OSError as error:
        raise InstallError(
            f"{step} failed: {command[0]} does not start ({error.strerror or error}).", "Open the log."
        ) from None
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(process, log, lines), name="isodim install read", daemon=True).start()
    said = ""
    try:
        while True:
            if cancelled.is_set():
                raise Cancelled
            with contextlib.suppress(queue.Empty):
                line = lines.get(timeout=_LOOK_S)
                if line is None:
                    break
                said = (said + line + "\n")[-_REMEMBERED:]
                heard(line)
    finally:
        _end(process)
    return process.returncode, said


def _read(process: subprocess.Popen[bytes], log: Log, lines: queue.SimpleQueue[str | None]) -> None:
    assert process.stdout is not None
    with process.stdout as stream:
        for raw in stream:
            log.write(raw)
            if line := raw.decode("utf-8", "replace").strip():
                lines.put(line)
    process.wait()
    lines.put(None)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_LEAVE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
