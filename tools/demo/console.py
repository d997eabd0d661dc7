"""Standard output for people: what Blender and Cycles print goes into a log instead."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

REPORTED = "Error: "
"""How the message of an operator's RuntimeError begins; Blender has printed that one already."""


def quieten(log: Path) -> None:
    """From here on descriptor 1, which Blender's C code writes to, is the file `log`; Python's `print` keeps the console."""
    sys.stdout.flush()
    sys.stdout = os.fdopen(os.dup(1), "w", encoding="utf-8")
    with log.open("wb") as file:
        os.dup2(file.fileno(), 1)


@contextlib.contextmanager
def step(name: str) -> Iterator[None]:
    """Prints the step and how long it took."""
    print(f"{name} ...", flush=True)
    before = time.perf_counter()
    yield
    print(f"    {time.perf_counter() - before:.1f} s", flush=True)
