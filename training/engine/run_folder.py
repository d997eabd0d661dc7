"""A run's folder belongs to one run: no second start erases it, no two processes write it, no other run is continued by it."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from common.errors import InputError
from common.files import require_folder

from . import config
from .config import RunSettings
from .state import read_state

STATE = Path("model") / "state.safetensors"
BEST = "best"
"""Folder of a run with the average that was best on the val split: a run to whatever reads one, but none to continue."""
_LOCK = "run.lock"
_MADE = ("model", "eval", BEST, "log.jsonl", "settings.json")
"""What a run writes, and what an overwriting one removes."""


def inspect(settings: RunSettings) -> None:
    """InputError, with nothing written, if the run cannot begin, or cannot go on from what is there."""
    require_folder("checkpoints_dir", settings.folder)
    if settings.is_continue and settings.overwrite:
        raise InputError("overwrite", True, "one of --overwrite and --is_continue")
    if (settings.folder / _LOCK).is_file():
        with _locked(settings):
            pass
    if not settings.is_continue:
        _refuse_another(settings)
        return
    step = read_state(settings.folder / STATE).step
    if not settings.epoch:
        require_steps(settings, step)
    if (settings.folder / "settings.json").is_file():
        before = config.load(type(settings), settings.folder).fixed
        for name, value in settings.fixed.items():
            if before.get(name) != value:
                raise InputError(name, value, f"{before.get(name)!r}, which the run that is continued has")


def require_steps(settings: RunSettings, step: int) -> None:
    """InputError if a run that has done `step` updates shall end before."""
    if settings.steps < step:
        raise InputError("steps", settings.steps, f"{step} or more, which the run that is continued has done")


@contextlib.contextmanager
def held(settings: RunSettings) -> Iterator[None]:
    """The folder, made and locked, for a run by this process; emptied of an earlier run unless that is continued."""
    settings.folder.mkdir(parents=True, exist_ok=True)
    with _locked(settings):
        if not settings.is_continue:
            _refuse_another(settings)  # it may have come while this one was preparing
            for name in _MADE:
                path = settings.folder / name
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink(missing_ok=True)
        yield


def require_room(settings: RunSettings, parameters: int) -> None:
    """InputError unless the disk has room for the state of a run of so many parameters and its best, beside those before."""
    needed = 2 * (4 + 1) * parameters * 4  # model, average, two moments and the best average, in float32, twice
    free = shutil.disk_usage(settings.folder).free
    if free < needed:
        raise InputError(
            "checkpoints_dir", f"{free / 1e6:.0f} MB free", f"a disk with {needed / 1e6:.0f} MB for the run's state"
        )


def _refuse_another(settings: RunSettings) -> None:
    if (settings.folder / STATE).exists() and not settings.overwrite:
        ways = f"another name: {settings.folder} holds a run, which --is_continue resumes and --overwrite replaces"
        raise InputError("name", settings.name, ways)


@contextlib.contextmanager
def _locked(settings: RunSettings) -> Iterator[None]:
    """Holds a file that the system releases when this process ends, however it ends."""
    with (settings.folder / _LOCK).open("a+b") as file:
        try:
            _hold(file.fileno())
        except BlockingIOError:
            raise InputError("name", settings.name, "a run that no other process is training") from None
        except OSError:  # a network's disk without locks
            pass
        yield


def _hold(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError from error
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
