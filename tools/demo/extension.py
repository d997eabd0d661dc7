"""The extension inside the bpy module: installed from its zip as a user would, or linked from the checkout."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

import addon_utils
import bpy

ID = "isodim"


def empty_file() -> None:
    """An empty scene with factory settings, in the private profile of `BLENDER_USER_RESOURCES`; RuntimeError without one."""
    if not os.environ.get("BLENDER_USER_RESOURCES"):
        raise RuntimeError("BLENDER_USER_RESOURCES is not set, expected a private folder for Blender's profile.")
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)


def install(zip_file: Path) -> str:
    """Installs and enables `zip_file` with Blender's own operator; the name of its package."""
    addon_utils.enable("bl_pkg")
    bpy.ops.extensions.package_install_files(filepath=str(zip_file), repo="user_default", enable_on_install=True)
    return _enabled(f"bl_ext.user_default.{ID}")


def link(checkout: Path, folder: Path) -> str:
    """Enables the checkout itself, through a link in `folder` (a repository named "dev"); the name of its package."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / ID).is_symlink():
        (folder / ID).symlink_to(checkout, target_is_directory=True)
    bpy.context.preferences.extensions.repos.new(name="Dev", module="dev", custom_directory=str(folder), remote_url="")
    addon_utils.enable(f"bl_ext.dev.{ID}", default_set=True)
    return _enabled(f"bl_ext.dev.{ID}")


def leave(package: str, status: int = 0) -> NoReturn:
    """Disables the extension, so that its child ends, and leaves without the interpreter's own shutdown.

    A bpy module that shuts down after add-ons were enabled crashes in Blender 4.2 and hangs in 4.5.
    """
    addon_utils.disable(package)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _enabled(package: str) -> str:
    if not addon_utils.check(package)[1]:
        raise RuntimeError(f"{package} was not enabled; the reason stands above.")
    return package
