"""Which wheels the child needs beside Blender's own numpy, and where pip finds them: pinned by hash in wheels.txt."""

from __future__ import annotations

import dataclasses
import hashlib
import platform
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PINS = Path(__file__).with_name("wheels.txt")
ASKED = ("onnxruntime==1.32.0", "safetensors==0.8.0", "tokenizers==0.23.3")
"""onnxruntime's wheel names more packages than these; what it imports is numpy alone."""
PYTHONS = {"3.11": ("4.2.0", "5.1.0"), "3.13": ("5.1.0", "")}
"""Blender's Pythons -> the first Blender that has it, and the first that no longer does (empty: none yet)."""
PLATFORMS = {
    "linux-x64": ("manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux2014_x86_64"),
    "windows-x64": ("win_amd64",),
    "macos-arm64": ("macosx_14_0_arm64", "macosx_13_0_arm64", "macosx_11_0_arm64"),
}
"""Blender's platforms -> pip's, the newest first."""


@dataclasses.dataclass(frozen=True)
class Target:
    """One zip: a platform of `PLATFORMS` and a Python of `PYTHONS`."""

    platform: str
    python: str

    @property
    def name(self) -> str:
        """For file names."""
        return f"{self.platform}-py{self.python.replace('.', '')}"


TARGETS = tuple(Target(platform, python) for platform in PLATFORMS for python in PYTHONS)


def this_platform() -> str:
    """That of `PLATFORMS` which this machine has; empty where it has another."""
    known = {"linux x86_64": "linux-x64", "win32 amd64": "windows-x64", "darwin arm64": "macos-arm64"}
    return known.get(f"{sys.platform} {platform.machine().lower()}", "")


def download(target: Target, folder: Path, *asked: str) -> list[Path]:
    """The wheels of a target in `folder`, by pip: the pinned ones, each checked by its hash, or those that are `asked` for.

    What lies there already is not asked for again. Raises CalledProcessError where pip fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    before = set(folder.glob("*.whl"))
    what = list(asked) or ["--require-hashes", "-r", str(PINS)]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    command += ["--implementation", "cp", "--python-version", target.python, "--dest", str(folder)]
    command += [word for platform in PLATFORMS[target.platform] for word in ("--platform", platform)]
    subprocess.run([*command, "--find-links", str(folder), *what], check=True)
    return sorted(set(folder.glob("*.whl")) - before) or sorted(before)


def pinned(folders: list[Path]) -> str:
    """wheels.txt for the wheels in some folders."""
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for folder in folders for path in folder.glob("*.whl")
    }
    lines = ["# The wheels that the extension ships, of all platforms and Pythons; `nox -s lock` writes this file."]
    for one in ASKED:
        name = one.partition("==")[0]
        hashes = [digest for file, digest in sorted(found.items()) if file.startswith(f"{name}-")]
        lines.append(" \\\n".join([one, *(f"    --hash=sha256:{digest}" for digest in hashes)]))
    return "\n".join(lines) + "\n"
