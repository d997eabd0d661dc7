"""Which Pythons of this computer could carry the environment; no bpy."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from .child_run import environment
from .errors import InstallError

_PROBE_S = 20.0
_PROBE = """
import importlib.util, json, struct, sys
print(json.dumps({"version": sys.version_info[:2], "bits": struct.calcsize("P") * 8,
    "venv": all(map(importlib.util.find_spec, ("venv", "ensurepip")))}))
"""


@dataclasses.dataclass(frozen=True)
class Base:
    """What an environment is made with: a Python, and the program uv if that Python cannot make one itself."""

    python: str
    version: tuple[int, int]
    uv: str = ""


def candidates(wanted: tuple[tuple[int, int], ...], blender: str) -> list[str]:
    """Programs that may be a wanted Python, newest first and Blender's own last: it goes when Blender is updated."""
    found = []
    for major, minor in sorted(wanted, reverse=True):
        found += _of_version(f"{major}.{minor}")
    found += [path for name in ("python3", "python") if (path := shutil.which(name))]
    return list(dict.fromkeys([*found, blender]))


def _of_version(version: str) -> list[str]:
    found = shutil.which(f"python{version}")
    places = [Path(found)] if found else []
    if sys.platform == "win32":
        folder = f"Python{version.replace('.', '')}"
        roots = [os.environ.get("LOCALAPPDATA", ""), os.environ.get("PROGRAMFILES", "")]
        places += [Path(root, *part, folder, "python.exe") for root in roots for part in (("Programs", "Python"), ())]
    elif sys.platform == "darwin":
        places.append(Path(f"/Library/Frameworks/Python.framework/Versions/{version}/bin/python{version}"))
        places.append(Path(f"/opt/homebrew/bin/python{version}"))
    return [str(place) for place in places if place.is_file()]


def choose(wanted: tuple[tuple[int, int], ...], blender: str, offline: bool) -> Base:
    """The first Python of a wanted version that can make an environment; starts each candidate once, .05 s.

    `blender` is Blender's own Python. With uv one that lacks venv will do, but uv gets pip from the index: not if `offline`.
    Raises InstallError if there is none.
    """
    without_venv = []
    for python in candidates(wanted, blender):
        version, venv = probe(python)
        if version not in wanted:
            continue
        if venv:
            return Base(python, version)
        without_venv.append(Base(python, version))
    uv = shutil.which("uv")
    if without_venv and uv and not offline:
        return dataclasses.replace(without_venv[0], uv=uv)
    versions = ", ".join(".".join(map(str, one)) for one in wanted)
    if without_venv:
        raise InstallError(
            f"{without_venv[0].python} cannot make environments: it lacks venv.",
            f"Install the venv package of your system (on Debian: python{'.'.join(map(str, without_venv[0].version))}-venv).",
        )
    raise InstallError(
        f"No Python {versions} was found on this computer.",
        "Install one (on Windows and macOS the installer of Python itself will do), or choose another set of packages.",
    )


def probe(python: str) -> tuple[tuple[int, int] | None, bool]:
    """Its version, None if it does not run or has not 64 bits, and whether it has venv and ensurepip."""
    try:
        result = subprocess.run(
            [python, "-I", "-B", "-c", _PROBE],
            capture_output=True,
            timeout=_PROBE_S,
            env=environment(),
            check=True,
            stdin=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        facts = json.loads(result.stdout)
        return (tuple(facts["version"]) if facts["bits"] == 64 else None), bool(facts["venv"])
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        return None, False
