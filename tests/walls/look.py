"""A program for a fresh interpreter: `look.py FOLDER PACKAGE` imports a package and all its modules and prints, as JSON,
the top-level names that this loaded beyond what a bare interpreter has."""

import sys

BARE = set(sys.modules)

import importlib.util  # noqa: E402
import json  # noqa: E402
import pkgutil  # noqa: E402
from pathlib import Path  # noqa: E402


def import_all(package):
    module = importlib.import_module(package)
    for found in pkgutil.walk_packages(module.__path__, f"{package}."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)


def main(folder, package):
    if "." in package:  # a room of the extension: its door is the folder's own __init__.py
        door = package.partition(".")[0]
        spec = importlib.util.spec_from_file_location(
            door, Path(folder) / "__init__.py", submodule_search_locations=[folder]
        )
        sys.modules[door] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[door])
    else:
        sys.path.insert(0, folder)
    import_all(package)
    # Compiled modules register helpers without a spec (cython_runtime): nobody imported those.
    loaded = [name for name in set(sys.modules) - BARE if getattr(sys.modules[name], "__spec__", None)]
    print(json.dumps(sorted({name.partition(".")[0] for name in loaded})))


main(*sys.argv[1:])
