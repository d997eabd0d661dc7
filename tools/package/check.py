"""Installs a built zip into a Blender of its own and makes a clip there: `python -m tools.package.check ZIP`, in bpy's Python.

Looks that the child is Blender's own Python with the zip's wheels, and that nothing of them is loaded in Blender itself; then
what an add-on that brings an onnxruntime of its own does to it.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

import bpy

from . import beside

NAME = "bl_ext.user_default.isodim"
CHILD_ONLY = ("onnxruntime", "tokenizers", "safetensors", "torch", "backend")


def main(zip_path: str) -> None:
    """Install, generate, look; AssertionError with what is wrong."""
    import addon_utils  # there once bpy is

    addon_utils.enable("bl_pkg")
    install(zip_path)
    assert room("client.own_python").path() == sys.executable, room("client.own_python").site_packages()
    assert ".local" in room("client.own_python").site_packages(), room("client.own_python").site_packages()
    engine, first_s = clip()
    print(f"Blender {bpy.app.version_string}, {Path(zip_path).name}: {engine}, first clip after {first_s:.2f} s")
    with tempfile.TemporaryDirectory() as folder:
        others(Path(folder), engine)
    loaded = {one.partition(".")[0] for one in sys.modules}
    assert not loaded & set(CHILD_ONLY), loaded & set(CHILD_ONLY)


def others(folder: Path, engine: str) -> None:
    """An older onnxruntime beside ours changes nothing, a newer one takes its place: one sentence, and all is well when it goes."""
    install(str(beside.extension(folder, "0.9")))
    assert clip()[0] == engine
    install(str(beside.extension(folder, "99.0")))
    try:
        clip()
    except RuntimeError as error:
        told = str(error).strip().removeprefix("Error: ")
    else:
        raise AssertionError("a clip by an onnxruntime that is none")
    assert told.startswith("onnxruntime is '99.0', expected a whole one") and len(told.splitlines()) == 1, told
    print(f"    beside another onnxruntime: {told}")
    bpy.ops.extensions.package_uninstall(repo_index=_user_repository(), pkg_id="beside")
    assert clip()[0] == engine


def install(zip_path: str) -> None:
    """Into the person's own repository, and on."""
    bpy.ops.extensions.package_install_files(filepath=zip_path, repo="user_default", enable_on_install=True)


def clip() -> tuple[str, float]:
    """A clip by a new child: the engine that made it, and seconds from the press. RuntimeError with what the operator says."""
    room("work.session").session.stop()
    bpy.context.scene.isodim.prompt = "a person walks forward and waves"
    begun = time.perf_counter()
    assert bpy.ops.isodim.generate() == {"FINISHED"}
    first_s = time.perf_counter() - begun
    action = bpy.context.object.animation_data.action
    engine = next(value for name, value in action.items() if name.endswith("engine"))
    assert engine.startswith("onnxruntime "), engine
    return engine, first_s


def room(name: str) -> Any:
    """A module of the installed extension."""
    return sys.modules[f"{NAME}.isodim_blender.{name}"]


def _user_repository() -> int:
    return [repository.module for repository in bpy.context.preferences.extensions.repos].index("user_default")


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
