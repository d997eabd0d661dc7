"""Lays out the folder that Blender's builder makes a zip of: what ships, the wheels of one target, a manifest that names both."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

from .wheels import PYTHONS, ROOT, Target

_MANIFEST = "blender_manifest.toml"


def shipped() -> list[str]:
    """The names at the checkout's top that the manifest's allow-list lets into the zip."""
    patterns = tomllib.loads((ROOT / _MANIFEST).read_text("utf-8"))["build"]["paths_exclude_pattern"]
    return [pattern.removeprefix("!/") for pattern in patterns if pattern.startswith("!/")]


def stage(target: Target, wheels: list[Path], folder: Path) -> Path:
    """The folder of a target's package, made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "wheels").mkdir(parents=True)
    for name in shipped():
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".*", "ruff.toml"))
        else:
            shutil.copy2(source, folder / name)
    for wheel in wheels:
        shutil.copy2(wheel, folder / "wheels" / wheel.name)
    text = (ROOT / _MANIFEST).read_text("utf-8")
    (folder / _MANIFEST).write_text(manifest(text, target, [wheel.name for wheel in wheels]), "utf-8")
    return folder


def manifest(text: str, target: Target, wheels: list[str]) -> str:
    """The checkout's manifest with a target's platform, range of Blenders and wheels."""
    oldest, newer = PYTHONS[target.python]
    lines = [f'platforms = ["{target.platform}"]', "wheels = ["]
    lines += [*(f'  "./wheels/{name}",' for name in sorted(wheels)), "]"]
    if newer:
        lines.insert(0, f'blender_version_max = "{newer}"')
    before = f'blender_version_min = "{tomllib.loads(text)["blender_version_min"]}"'
    made = text.replace(before, "\n".join([f'blender_version_min = "{oldest}"', *lines]), 1)
    return made.replace('  "!/common",\n', '  "!/common",\n  "!/wheels",\n', 1)
