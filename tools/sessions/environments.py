"""Environments of the commands: one with torch, one with what ships, and one for each Blender version, whose Python must be the one its wheel is for."""

from __future__ import annotations

import contextlib
import ctypes
import json
import shutil
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import nox
from nox.command import CommandFailed

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "out"
ENVIRONMENTS = ROOT / ".nox" / "environments"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
TORCH = "torch==2.13.0"
"""Pinned in every line that may pull torch: an open range brings the newest one with CUDA, 3 GB."""
BPY = "4.5.15"
BPY_TESTED = (BPY, "5.0.1")
BPY_MATRIX = ("4.2.23", BPY, "5.0.1", "5.2.3")
_PYTHON, _NUMPY = "3.11", "numpy<2"
_NEWER = {"5.2.3": ("3.13", "numpy==2.3.*")}
"""bpy wheels from 5.1 on are for this Python; Blender's own FBX exporter warns with a newer numpy."""


def backend_environment(session: nox.Session, *extras: str) -> str:
    """The Python with torch and the bundled text encoder; `extras` are pyproject's."""
    lines = [[TORCH, *PROJECT["dependencies"]], ["--no-deps", *EXTRAS["minilm"]]]
    return environment(session, "backend", _PYTHON, lines + [[TORCH, *EXTRAS[extra]] for extra in extras])


def runtime_environment(session: nox.Session) -> str:
    """The Python with what the extension ships for the backend, and no torch."""
    return environment(session, "runtime", _PYTHON, [PROJECT["dependencies"]])


def python_of(version: str) -> str:
    """The Python of a Blender version."""
    return _NEWER.get(version, (_PYTHON, _NUMPY))[0]


def blender_environment(session: nox.Session, version: str, *extras: str) -> str:
    """The Python with the bpy module of one Blender version."""
    python, numpy = _NEWER.get(version, (_PYTHON, _NUMPY))
    lines = [[f"bpy=={version}", numpy]] + [[numpy, *EXTRAS[extra]] for extra in extras]
    return environment(session, f"bpy-{version}", python, lines)


def lock_environment(session: nox.Session) -> str:
    """The Python with what resolves packages."""
    return environment(session, "lock", _PYTHON, [["uv"]])


def environment(session: nox.Session, name: str, version: str, lines: list[list[str]]) -> str:
    """The interpreter of environment `name` in which every one of pip's argument `lines` has been installed.

    `installed.json` lists the finished lines and is written after each: an interrupted set-up goes on where it
    stopped, and a changed line is installed over the old one.
    """
    folder = ENVIRONMENTS / name
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    record = folder / "installed.json"
    if not (python.exists() and record.exists()):
        shutil.rmtree(folder, ignore_errors=True)
        with step(session, f"Make the environment {name}"):
            make(session, folder, version)
        record.write_text("[]", "utf-8")
    done = json.loads(record.read_text("utf-8"))
    for line in lines:
        if line in done:
            continue
        with step(session, f"Install {' '.join(line)} into {name}"):
            install(session, [str(python), "-m", "pip", "install", "-qq", *line])
        done.append(line)
        record.write_text(json.dumps(done, indent=1), "utf-8")
    return str(python)


def install(session: nox.Session, command: list[str]) -> None:
    """Runs a pip command; once more if it fails, because networks do."""
    try:
        session.run(*command, log=False)
    except CommandFailed:
        session.warn("The installation failed; trying once more.")
        session.run(*command, log=False)


def make(session: nox.Session, folder: Path, version: str) -> None:
    """An empty environment of that Python, wherever virtualenv finds one; ends the session with a sentence if nowhere."""
    try:
        session.run(sys.executable, "-m", "virtualenv", "--quiet", "--python", version, folder, log=False)
    except CommandFailed:
        session.error(f"Python {version} was not found, and {folder.name} needs it; virtualenv looks on PATH")


def require_libraries(session: nox.Session) -> None:
    """Ends the session with one sentence if system libraries that the bpy module loads are missing (Linux only)."""
    if sys.platform != "linux":
        return
    missing = []
    for line in (ROOT / ".ci" / "debian-packages").read_text("utf-8").splitlines():
        library, package = line.split()
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    if missing:
        session.error(f"Blender's module needs system libraries; on Debian: apt-get install {' '.join(missing)}")


def python_module(
    session: nox.Session, python: str, module: str, *arguments: str, env: dict[str, str] | None = None
) -> None:
    """`python -m module` from the folder in which nox was called."""
    with session.chdir(session.invoked_from):
        session.run(python, "-P", "-m", module, *arguments, env={"PYTHONPATH": str(ROOT)} | (env or {}), log=False)


def builder(python: str) -> Path:
    """The command-line program of Blender's own extension builder, in the bpy module of that Python's environment."""
    return next(Path(python).parents[1].rglob("bl_pkg/cli/blender_ext.py"))


def fresh(folder: Path) -> Path:
    """`folder`, empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@contextlib.contextmanager
def step(session: nox.Session, name: str) -> Iterator[None]:
    """Logs what is being done and how long it took."""
    session.log(f"{name} ...")
    before = time.perf_counter()
    yield
    session.log(f"    {time.perf_counter() - before:.1f} s")
