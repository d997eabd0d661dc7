"""What the GPU backend's environment says of itself, in one small file that is written when it has passed its test; no bpy."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path

from ...common.files import read_small

FILE = "isodim.json"


def python_of(folder: Path) -> Path:
    """Where an environment has its interpreter."""
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def read(folder: Path) -> dict[str, str]:
    """The facts of an environment that works: `device`, `packages`; empty if there is none or the file is damaged."""
    with contextlib.suppress(OSError, ValueError, RecursionError):
        facts = json.loads(read_small(folder / FILE))
        if isinstance(facts, dict) and all(isinstance(facts.get(name), str) for name in ("device", "packages")):
            return facts
    return {}


def write(folder: Path, device: str, packages: str) -> None:
    """Says that the environment works on a device, and of which packages' digest it was made."""
    (folder / FILE).write_text(json.dumps({"device": device, "packages": packages}), "utf-8")


def device_of(python: str) -> str:
    """The device that an environment's Python was installed for; empty for every other Python."""
    return read(Path(python).parent.parent).get("device", "")
