"""Which folders of tests/ run in which environment; what needs no Blender runs once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

TESTS = Path(__file__).resolve().parents[2] / "tests"
NEED_BPY = ("blender", "demo", "package")
"""Folders of tests/ that need the bpy module; all others run in the backend's Python."""
ONCE = ("demo",)
"""Of those, what no Blender version changes: in the first version only."""
ALSO_WITH_BPY = ("walls/test_imports.py",)
"""Beside the files that skip a test where there is no bpy, these run in both: a package's walls are seen where it can be imported."""
_SKIPS = 'importorskip("bpy")'
EITHER = ("addon", "common", "walls")
"""Blender's side that needs no bpy: where no backend is tested, they run in each Blender's Python."""


def rooms(versions: tuple[str, ...], with_backend: bool) -> dict[str, list[str]]:
    """Environment -> the paths below tests/ that run there."""
    every = sorted(
        path.name for path in TESTS.iterdir() if any(path.glob("test_*.py")) or any(path.glob("*/test_*.py"))
    )
    found = {"backend": [room for room in every if room not in NEED_BPY]} if with_backend else {}
    skipping = [
        path.relative_to(TESTS)
        for room in EITHER
        for path in (TESTS / room).rglob("test_*.py")
        if _SKIPS in path.read_text("utf-8")
    ]
    both = sorted({*ALSO_WITH_BPY, *(path.as_posix() for path in skipping)})
    for version in versions:
        first = version == versions[0] or not with_backend
        mine = [room for room in every if room in NEED_BPY and (first or room not in ONCE)]
        found[f"bpy-{version}"] = [*mine, *(both if with_backend else EITHER)]
    return found


def chosen(given: Sequence[str], place: Path, folders: list[Path]) -> list[str] | None:
    """pytest's arguments of an environment that runs `folders`: all that a person standing in `place` gave, but test paths
    only where they belong to; all `folders` if no path was given; None where none belongs to it."""
    paths = {one: (place / one.partition("::")[0]).resolve() for one in given}
    paths = {one: path for one, path in paths.items() if TESTS in path.parents and path.exists()}
    mine = [one for one, path in paths.items() if any(folder in (path, *path.parents) for folder in folders)]
    mine += [str(folder) for folder in folders if any(path in folder.parents for path in paths.values())]
    if paths and not mine:
        return None
    return [one for one in given if one not in paths] + (mine or [str(folder) for folder in folders])
