"""The checkout as a package called `isodim`, so that its armature can be made without enabling the extension."""

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(Path(__file__).parent))

if "isodim" not in sys.modules:
    spec = importlib.util.spec_from_file_location(
        "isodim", ROOT / "__init__.py", submodule_search_locations=[str(ROOT)]
    )
    sys.modules["isodim"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["isodim"])


@pytest.fixture
def figure():
    """An IsoDiM armature that walks, alone in an empty file."""
    bpy = pytest.importorskip("bpy")
    from isodim.isodim_blender import apply
    from walk import walk

    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    name = apply.apply(walk(frames=30), None, bpy.context.scene, 1, "walk")
    return bpy.data.objects[name]
