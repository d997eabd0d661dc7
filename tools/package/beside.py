"""Somebody else's add-on that brings an onnxruntime of its own: Blender unpacks the wheels of all extensions into one folder."""

from __future__ import annotations

import zipfile
from pathlib import Path

_MANIFEST = """schema_version = "1.0.0"
id = "beside"
version = "{version}"
name = "Beside"
tagline = "Brings a library that another add-on brings too"
maintainer = "Nobody"
type = "add-on"
blender_version_min = "4.2.0"
license = ["SPDX:GPL-3.0-or-later"]
wheels = ["./wheels/{wheel}"]
"""
_DOOR = "def register():\n    pass\n\n\ndef unregister():\n    pass\n"


def wheel(folder: Path, name: str, version: str, code: str = "", tag: str = "py3-none-any") -> Path:
    """A wheel of one package whose `__init__.py` tells its version and does what `code` does."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}/__init__.py": f"__version__ = {version!r}\n{code}",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: isodim\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    path = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
        archive.writestr(f"{info}/RECORD", "".join(f"{file},,\n" for file in (*files, f"{info}/RECORD")))
    return path


def extension(folder: Path, version: str) -> Path:
    """The add-on `beside` as a zip, with an onnxruntime of that version that is nothing but its name."""
    brought = wheel(folder, "onnxruntime", version)
    path = folder / f"beside-{version}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("blender_manifest.toml", _MANIFEST.format(version=f"{version}.0", wheel=brought.name))
        archive.writestr("__init__.py", _DOOR)
        archive.write(brought, f"wheels/{brought.name}")
    return path
