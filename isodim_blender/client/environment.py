"""The backend's own Python: where it is and whether it has what it needs; no bpy."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
from pathlib import Path

from ...common.errors import InputError, shown
from . import own_python
from .child import clean_environment

VARIABLE = "ISODIM_BACKEND_PYTHON"
NEEDED = ("onnxruntime|torch", "numpy", "safetensors", "tokenizers")
"""What the backend imports; of two names one is enough."""
OLDEST = (3, 11)
_CHECK_S = 60.0
_PROBE = """
import importlib.util, json, sys
missing = [names for names in sys.argv[1:] if all(importlib.util.find_spec(name) is None for name in names.split("|"))]
print(json.dumps({"version": sys.version_info[:3], "missing": missing}))
"""


@dataclasses.dataclass(frozen=True)
class SelfTest:
    """What a look at a Python found. `sentence` is for people."""

    ok: bool
    sentence: str


def chosen(preference: str) -> str:
    """The path a person gave, not looked at: the environment variable, or else the preference, or empty."""
    return (os.environ.get(VARIABLE, "").strip() or preference.strip()).strip('"')


def find(preference: str) -> str:
    """The backend's Python: that of ISODIM_BACKEND_PYTHON, or else `preference`; a folder means the one inside it.

    Raises InputError if none is set or there is no such file.
    """
    path = chosen(preference)
    wanted = f"a Python with the backend's packages in it (Preferences > Add-ons > IsoDiM, or the variable {VARIABLE})"
    if not path:
        raise InputError("Backend Python", "not set", wanted)
    candidates = [Path(path).expanduser()]
    candidates += [candidates[0] / inside for inside in ("bin/python", "Scripts/python.exe", "python.exe")]
    for candidate in candidates:
        if candidate.is_file() and os.access(candidate, os.X_OK):
            # Not resolved: an environment's python is a link, and the link's place is what makes it that environment.
            return str(candidate.absolute())
    raise InputError("Backend Python", path, wanted)


def check(python: str, root: Path) -> SelfTest:
    """Runs `python` once (about .05 s, at most 60 s) and says whether the backend could run there; imports nothing of it."""
    command = [python, *own_python.switches(python), "-c", _PROBE, *NEEDED]
    try:
        result = subprocess.run(
            command,
            capture_output=True,
            timeout=_CHECK_S,
            env=clean_environment(root, python),
            check=True,
            stdin=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        facts = json.loads(result.stdout)
        version = tuple(facts["version"])
        missing = [names.partition("|")[0] for names in facts["missing"]]
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        oldest = ".".join(map(str, OLDEST))
        return SelfTest(False, f"Backend Python {shown(python)} does not run as a Python of {oldest} or later.")
    name = f"Python {'.'.join(map(str, version))}"
    if version < OLDEST:
        return SelfTest(False, f"{name} is too old, expected {'.'.join(map(str, OLDEST))} or later.")
    if missing:
        return SelfTest(False, f'{name} lacks {", ".join(missing)}: run "{python}" -m pip install {" ".join(missing)}.')
    return SelfTest(True, f"{name} has everything that the backend needs.")
