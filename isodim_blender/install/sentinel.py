"""What an environment says of itself in two small files, each replaced as a whole; no bpy.

The journal says which packages are in, written after each. The sentinel is written last, after the self-test: without
it nothing in the folder counts as installed.
"""

from __future__ import annotations

import contextlib
import dataclasses
import enum
import json
import os
import sys
from pathlib import Path
from typing import Any

from ...common.files import read_small
from .pins import Pin, digest

JOURNAL, SENTINEL = "isodim-journal.json", "isodim-installed.json"
_LISTS = ("python", "done")


class State(enum.Enum):
    """What is in the folder."""

    NONE = "not installed"
    HALF = "half-made"
    READY = "ready"
    STALE = "made for other packages"
    BROKEN = "broken"


@dataclasses.dataclass(frozen=True)
class Found:
    """An environment as its files tell it: state, its Python (empty if it cannot be used), and one sentence."""

    state: State
    python: str = ""
    sentence: str = ""
    set_name: str = ""


def python_of(folder: Path) -> Path:
    """Where an environment has its interpreter."""
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def write(path: Path, facts: dict[str, Any]) -> None:
    """Replaces a small JSON file as a whole, on the disk before this returns: a cut leaves the old one or the new one."""
    half = path.with_suffix(".tmp")
    with half.open("w", encoding="utf-8") as file:
        json.dump(facts, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)


def read(path: Path) -> dict[str, Any]:
    """The facts of a file; empty if there is none or if it is damaged."""
    with contextlib.suppress(OSError, ValueError, RecursionError):
        facts = json.loads(read_small(path))
        if isinstance(facts, dict) and all(isinstance(facts.get(name, []), list) for name in _LISTS):
            return facts
    return {}


def installed(folder: Path, pins: tuple[Pin, ...]) -> set[str]:
    """The lines of pins that the journal says are in; empty if it was written for other pins."""
    journal = read(folder / JOURNAL)
    return set(map(str, journal.get("done", ()))) if journal.get("digest") == digest(pins) else set()


def look(folder: Path, pinned: dict[str, tuple[Pin, ...]]) -> Found:
    """What is in `folder`; reads at most three small files. `pinned`: today's pins of each 'SET PYTHON', as in `key`."""
    facts = read(folder / SENTINEL)
    if not facts:
        if not folder.exists():
            return Found(State.NONE)
        return Found(State.HALF, sentence="An installation was not finished: Install Backend goes on with it.")
    python = python_of(folder)
    home = _home(folder)
    name = str(facts.get("set", ""))
    if not os.access(python, os.X_OK) or (home and not Path(home).is_dir()):
        return Found(
            State.BROKEN, sentence="The Python that the backend was made with is gone: press Repair.", set_name=name
        )
    today = pinned.get(key(name, facts.get("python", ())))
    if today is not None and digest(today) == facts.get("digest"):
        return Found(State.READY, str(python), set_name=name)
    return Found(State.STALE, str(python), f"{_difference(facts, today)}: press Repair.", name)


def key(set_name: str, python: Any) -> str:
    """The name under which the pins of one set and Python are looked up: 'cpu 3.11'."""
    return f"{set_name} {'.'.join(map(str, python))}"


def _home(folder: Path) -> str:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        for line in (folder / "pyvenv.cfg").read_text("utf-8").splitlines():
            name, _, value = line.partition("=")
            if name.strip() == "home":
                return value.strip()
    return ""


def _difference(facts: dict[str, Any], today: tuple[Pin, ...] | None) -> str:
    if today is None:
        return f"This version of the add-on has no packages for the set {facts.get('set')!r} any more"
    before = facts.get("packages")
    before = before if isinstance(before, dict) else {}
    for pin in today:
        if before.get(pin.name) != pin.version:
            return f"This version of the add-on needs {pin.name} {pin.version}, there is {before.get(pin.name, 'none')}"
    return "This version of the add-on needs other builds of its packages"
