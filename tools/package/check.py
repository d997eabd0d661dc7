"""Installs a built zip into a Blender of its own and makes a clip there: `python -m tools.package.check ZIP`, in bpy's Python.

Looks that the child is Blender's own Python with the zip's wheels, and that nothing of them is loaded in Blender itself.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
from pathlib import Path

import bpy

NAME = "bl_ext.user_default.isodim"
CHILD_ONLY = ("onnxruntime", "tokenizers", "safetensors", "torch", "backend")


def main(zip_path: str) -> None:
    """Install, generate, look; AssertionError with what is wrong."""
    import addon_utils  # there once bpy is

    addon_utils.enable("bl_pkg")
    bpy.ops.extensions.package_install_files(filepath=zip_path, repo="user_default", enable_on_install=True)
    own_python = sys.modules[f"{NAME}.isodim_blender.client.own_python"]
    assert own_python.path() == sys.executable, (own_python.path(), own_python.site_packages())
    assert ".local" in own_python.site_packages(), own_python.site_packages()
    bpy.context.scene.isodim.prompt = "a person walks forward and waves"
    begun = time.perf_counter()
    assert bpy.ops.isodim.generate() == {"FINISHED"}
    first_s = time.perf_counter() - begun
    action = bpy.context.object.animation_data.action
    engine = next(value for name, value in action.items() if name.endswith("engine"))
    assert engine.startswith("onnxruntime "), engine
    loaded = {one.partition(".")[0] for one in sys.modules}
    assert not loaded & set(CHILD_ONLY), loaded & set(CHILD_ONLY)
    print(f"Blender {bpy.app.version_string}, {Path(zip_path).name}: {engine}, first clip after {first_s:.2f} s")


if __name__ == "__main__":
    status = 0
    try:
        main(sys.argv[1])
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # an ordinary exit with add-on classes registered crashes in 4.2 and hangs in 4.5
