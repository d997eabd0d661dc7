"""Blender's own Python as the backend's: with the wheels that the extension ships, which only the child imports; no bpy."""

from __future__ import annotations

import functools
import importlib.util
import os
import sys
from pathlib import Path

_ENGINE = "onnxruntime"


@functools.cache
def site_packages() -> str:
    """The folder into which Blender unpacked the extension's wheels; empty where there are none, as in a checkout.

    The engine is looked for, never imported: another extension's may be found, and serves as well. Blender unpacks wheels
    before it loads an extension, so one look is enough.
    """
    spec = importlib.util.find_spec(_ENGINE)
    return "" if spec is None or spec.origin is None else str(Path(spec.origin).parents[1])


def path() -> str:
    """Blender's own Python, where it can be the backend's; empty where the wheels are not there."""
    return sys.executable if site_packages() and Path(sys.executable).name.lower().startswith("python") else ""


def import_path(python: str, root: Path) -> str:
    """PYTHONPATH of a child: the extension's folder `root`, and behind it the wheels where the child is Blender's Python."""
    wheels = site_packages() if python and python == path() else ""
    return os.pathsep.join([str(root), wheels] if wheels else [str(root)])
