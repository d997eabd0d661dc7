"""The environment made, tried out and put in place, or taken away, in a thread; whoever asked reads `line` and `ending`; no bpy.

It is made beside its place and moved there when it has passed its test: whatever cuts that short, what is in place works.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from ..client import gpu
from ..client.child import clean_environment
from ..client.log import Log
from . import program
from .failure import Cancelled, InstallError, failure
from .packages import NAMES, Packages

_IN_USE_S, _LOOK_S = 6.0, 0.2
_ROOM = 3.0
"""Times the download: what is kept of it, what it unpacks to."""
# Settings that would put packages elsewhere, or keep them from being put anywhere.
_MISLEADING = (
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_ROOT",
    "PIP_USER",
    "PIP_PYTHON",
    "PIP_DRY_RUN",
    "PIP_REPORT",
    "UV_TARGET",
)


@dataclasses.dataclass(frozen=True)
class Place:
    """Where all of it is: below the extension's user folder, and nowhere else."""

    folder: Path

    @property
    def environment(self) -> Path:
        """What is used."""
        return self.folder / "gpu"

    @property
    def half(self) -> Path:
        """What is being made."""
        return self.folder / "gpu.half"

    @property
    def cache(self) -> Path:
        """What was downloaded, until an environment was made of it."""
        return self.folder / "gpu.cache"

    @property
    def log(self) -> Path:
        """What the programs said."""
        return self.folder / "install.log"

    def old(self) -> list[Path]:
        """What the installer of earlier versions left, which nothing uses any more, and what could not be removed."""
        named = [self.folder / name for name in ("environment", "environment.lock")]
        left = [*self.folder.glob("environment.old-*"), *self.folder.glob("gpu.old-*")]
        return [path for path in named if path.exists()] + left


@dataclasses.dataclass(frozen=True)
class Order:
    """What a person asked for. root: the extension's folder, python: what the environment is made with, uv: '' for none."""

    place: Place
    root: Path
    packages: Packages
    python: str
    uv: str = ""


@dataclasses.dataclass(frozen=True)
class Ending:
    """How it ended: finished, cancelled, or else failed."""

    sentence: str
    advice: str = ""
    finished: bool = False
    cancelled: bool = False


class Work:
    """A thread with one ending. line: what is done now; done: the share of it, 0 to 1; any thread may read them."""

    def __init__(self, do: Callable[[Work], str]) -> None:
        self.line, self.done, self.began = "", 0.0, time.monotonic()
        self.ending: Ending | None = None
        self.cancelled = threading.Event()
        self._do = do
        self._thread = threading.Thread(target=self._run, name="isodim install", daemon=True)

    def start(self) -> None:
        """Begins, once."""
        self._thread.start()

    def wait(self, seconds: float | None = None) -> None:
        """Until the thread has ended."""
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            self.ending = Ending(self._do(self), finished=True)
        except Cancelled:
            self.ending = Ending("Cancelled; what was downloaded stays for the next time.", cancelled=True)
        except InstallError as error:
            self.ending = Ending(error.sentence, error.advice)
        except OSError as error:
            place = error.filename or "The extension's user folder"
            self.ending = Ending(f"{place} cannot be written: {error.strerror or error}.", "Check its permissions.")
        except Exception as error:  # a thread's exception reaches nobody else; the console has the trace
            traceback.print_exc()
            self.ending = Ending(f"The installation failed: {error!r}.", "Open the log.")


def make(work: Work, order: Order) -> str:
    """All steps; one sentence about what works now. Raises InstallError, Cancelled; whatever was in place stays there then."""
    place = order.place
    place.cache.mkdir(parents=True, exist_ok=True)
    _check_room(place.folder, order.packages)
    log, python = Log(place.log), str(gpu.python_of(place.half))

    def run(step: str, command: list[str], env: dict[str, str], heard: Callable[[str], None]) -> tuple[int, str]:
        work.line = step
        return program.run(step, command, env, place.folder, log, heard, work.cancelled)

    try:
        _discard(place.half)
        for step, command in _installing(order, python):
            status, said = run(step, command, _variables(place.cache), _Progress(work, order.packages))
            if status:
                raise failure(step, said, status)
        command = [python, "-P", "-B", "-m", "backend", "doctor", "--device", order.packages.device]
        told = _told(*run("Trying it out", command, clean_environment(order.root), lambda line: None))
        gpu.write(place.half, order.packages.device, order.packages.digest)
        _discard(place.environment)
        place.half.rename(place.environment)
    finally:
        shutil.rmtree(place.half, ignore_errors=True)
    shutil.rmtree(place.cache, ignore_errors=True)
    return f"The GPU backend works on {NAMES[order.packages.device]}: {told}."


def remove(work: Work, place: Place) -> str:
    """Takes away the environment, what was downloaded for it, and what earlier versions left."""
    work.line = "Removing"
    for folder in (place.environment, place.half, *place.old()):
        _discard(folder)
    shutil.rmtree(place.cache, ignore_errors=True)
    return "The GPU backend was removed."


class _Progress:
    """Hears uv's or pip's lines: the last is shown, and the share of packages that were named by one."""

    def __init__(self, work: Work, packages: Packages) -> None:
        self._work, self._left = work, set(packages.names)
        self._all = len(self._left)

    def __call__(self, line: str) -> None:
        words = line.lower().replace("_", "-").replace("==", " ").split()
        self._left -= set(words)
        self._work.line, self._work.done = line[:120], 1.0 - len(self._left) / self._all


def _installing(order: Order, python: str) -> list[tuple[str, list[str]]]:
    """The steps by uv, or else by venv and pip, and their commands."""
    half, checked = str(order.place.half), ["--no-deps", "--require-hashes", "-r", str(order.packages.file)]
    if order.uv:
        made = [order.uv, "venv", "--no-project", "--no-python-downloads", "--python", order.python, half]
        filled = [order.uv, "pip", "install", "--no-build", "--python", python, *checked]
    else:
        made = [order.python, "-I", "-B", "-m", "venv", half]
        filled = [
            python,
            "-I",
            "-B",
            "-m",
            "pip",
            "install",
            "--only-binary",
            ":all:",
            "--progress-bar",
            "off",
            *checked,
        ]
    return [("Making the environment", made), ("Installing the packages", filled)]


def _variables(cache: Path) -> dict[str, str]:
    """The person's settings of pip, uv and the network count; files go into the extension's user folder alone."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith("PYTHON") and name.upper() not in _MISLEADING
    }
    (cache / "tmp").mkdir(exist_ok=True)
    here = dict.fromkeys(("UV_CACHE_DIR", "PIP_CACHE_DIR"), str(cache))
    here |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(cache / "tmp"))
    return kept | here | {"UV_NO_PROGRESS": "1", "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def _check_room(folder: Path, packages: Packages) -> None:
    needed, free = _ROOM * packages.download_gb, shutil.disk_usage(folder).free / 1e9
    if needed > free:
        raise InstallError(
            f"The GPU backend needs {needed:.1f} GB of disk space, {free:.1f} GB are free.", "Make room."
        )


def _told(status: int, said: str) -> str:
    """What the doctor measured. InstallError with the first thing that is wrong in its report, or where that is none."""
    try:
        report = json.loads(said[said.index("{") : said.rindex("}") + 1])
        error = next(filter(None, map(_error, report.values())), "")
        if not status and not error:
            return f"{report['generation']['clip_s']:.0f} s of motion in {report['generation']['generate_s']:.1f} s"
    except (ValueError, KeyError, TypeError, AttributeError):
        error = ""
    if error:
        raise InstallError(f"The self-test failed: {error[:200].rstrip('.')}.", "Open the log.")
    raise failure("The self-test", said, status)


def _error(part: object) -> str:
    if isinstance(part, dict):
        return str(part["error"]) if "error" in part else next(filter(None, map(_error, part.values())), "")
    return next(filter(None, map(_error, part)), "") if isinstance(part, list) else ""


def _discard(folder: Path) -> None:
    """Removes a folder or file, renamed first, so that nobody takes the rest of it for a whole one. InstallError while it is used."""
    if not folder.exists():
        return
    aside = folder.with_name(f"gpu.old-{time.time_ns()}")
    deadline = time.monotonic() + _IN_USE_S
    while True:
        try:
            folder.rename(aside)
            break
        except (
            OSError
        ) as error:  # Windows renames no folder whose program runs; a child that was asked to leave takes a while
            if time.monotonic() > deadline:
                raise InstallError(
                    f"{folder} cannot be removed: {error.strerror or error}.",
                    "Close other Blender windows that use it.",
                ) from None
        time.sleep(_LOOK_S)
    shutil.rmtree(aside, ignore_errors=True)
    with contextlib.suppress(OSError):
        aside.unlink()
