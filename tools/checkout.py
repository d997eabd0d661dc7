"""The checkout as a package called `isodim`, as Blender would have it; this works because its door imports nothing."""

import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

if "isodim" not in sys.modules:
    spec = importlib.util.spec_from_file_location(
        "isodim", ROOT / "__init__.py", submodule_search_locations=[str(ROOT)]
    )
    assert spec is not None and spec.loader is not None
    sys.modules["isodim"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["isodim"])
