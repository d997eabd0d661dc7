"""The walls as data, for the tests of the walls and the tests of those tests."""

import dataclasses
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_LOOK = Path(__file__).with_name("look.py")


@dataclasses.dataclass(frozen=True)
class Wall:
    package: str
    forbidden: tuple[str, ...]
    needs: str | None
    folder: str
    only: tuple[str, ...] | None = None

    def breaches(self, root):
        """Forbidden names that a fresh interpreter loads with the package that lies in `root`."""
        command = [sys.executable, "-P", "-B", _LOOK, root, self.package]
        # The bpy module of Blender 5.2 sets OCIO for its children, which then talk about it on stdout.
        env = {name: value for name, value in os.environ.items() if name != "OCIO"}
        result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120, env=env)
        loaded = set(json.loads(result.stdout))
        found = loaded.intersection(self.forbidden)
        if self.only is not None:
            found |= loaded - sys.stdlib_module_names - set(self.only)
        return found


WALLS = (
    Wall("common", ("bpy", "torch", "backend", "training"), None, "common", only=("common", "numpy")),
    Wall("backend", ("bpy", "training", "isodim_blender", "isodim"), "torch", "backend"),
    Wall("training", ("bpy", "isodim_blender", "isodim"), "torch", "training"),
    Wall("isodim.isodim_blender", ("torch", "scipy", "backend", "training"), "bpy", "isodim_blender"),
)
HERE = tuple(wall for wall in WALLS if wall.needs is None or importlib.util.find_spec(wall.needs))
"""The walls whose package can be imported in this environment; the other environment has the rest."""
