"""Blender's own Python as the backend's: with the wheels that the extension ships, which only the child imports; no bpy."""

from __future__ import annotations

import os
import site
import sys
from pathlib import Path

_ENGINE = "onnxruntime"


def site_packages() -> str:
    """The folder that holds the engine, looked for on this process's import path and never imported; empty if none does.

    Blender unpacks the wheels of all extensions into one folder, which counts before all others: what other add-ons have
    put on the path may be of any age. Of two extensions' versions Blender keeps the newer one there.
    """
    holding = [entry for entry in sys.path if entry and (Path(entry) / _ENGINE / "__init__.py").is_file()]
    return next(iter([*filter(_of_extensions, holding), *holding]), "")


def path() -> str:
    """Blender's own Python, where it can be the backend's; empty where the wheels are not there."""
    return sys.executable if is_python() and site_packages() else ""


def is_python() -> bool:
    """Whether this process's program is a Python: a Blender that was built as a whole may name itself."""
    return Path(sys.executable).name.lower().startswith("python")


def import_path(python: str, root: Path) -> str:
    """PYTHONPATH of a child: the extension's folder `root`, and behind it the wheels where the child is Blender's Python."""
    wheels = site_packages() if python and python == path() else ""
    return os.pathsep.join([str(root), wheels] if wheels else [str(root)])


def switches(python: str, bytecode: Path | None = None) -> list[str]:
    """Python's own options for a child: `-P`, the working folder is no import path; `-B`, the extension's folder stays as it is.

    With `bytecode` what Python compiles is kept in that folder instead, so that the next start need not compile again.

    Blender's own Python gets `-s` too: packages that somebody installed for themselves would hide its own.
    """
    kept = ["-B"] if bytecode is None else ["-X", f"pycache_prefix={bytecode}"]
    return ["-P", *kept, *(["-s"] if python and python == path() else [])]


def hindrance(root: Path) -> str:
    """Why there is no backend in an extension folder `root`, one sentence with what to do; empty if there is one."""
    if path():
        return ""
    if any((root / "wheels").glob(f"{_ENGINE}-*.whl")) and is_python():
        return (
            "The libraries that IsoDiM brings are gone, perhaps with another add-on that brought them too: "
            "switch IsoDiM off and on again under Preferences > Add-ons"
        )
    return (
        "This package of IsoDiM brings no backend for this system: name a Python under Preferences > Add-ons > IsoDiM"
    )


def _of_extensions(entry: str) -> bool:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    same = Path(entry).parts[-4:] == (".local", "lib", version, "site-packages")
    return same and Path(entry) != Path(site.getusersitepackages())
