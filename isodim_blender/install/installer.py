"""What Blender knows of the GPU backend, and the one thread at work; main thread only.

`Installer.poll` is called by the operators: by their timer in a window, in a loop where timers never fire.
"""

from __future__ import annotations

import dataclasses
import functools
import os
import shutil
import sys
import time
from pathlib import Path

import bpy

from .. import EXTENSION, ROOT
from ..client import gpu, own_python
from . import making, packages
from .packages import NAMES, Packages

_STOP_S = 5.0


@dataclasses.dataclass(frozen=True)
class Found:
    """What is in place: its Python, empty if it cannot be used, and one sentence about it, empty if there is none."""

    python: str = ""
    sentence: str = ""


class Installer:
    """Lives as long as the add-on is enabled. Panels read its fields: nothing here is looked up while drawing."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """As if nothing had been looked at yet."""
        self.offer: Packages | str = ""
        self.found = Found()
        self.old = False
        self.work: making.Work | None = None
        self.ending: making.Ending | None = None

    @property
    def running(self) -> bool:
        """Whether something is being installed or removed."""
        return self.work is not None

    @property
    def python(self) -> str:
        """The Python of an environment that can be used; empty if there is none."""
        return "" if self.running else self.found.python

    def refresh(self) -> None:
        """Looks anew: a few small files."""
        self.offer = packages.find()
        self.found = look(place().environment, self.offer)
        self.old = bool(place().old())

    def distrust(self) -> None:
        """Leaves the environment alone until it is installed again or the add-on starts anew."""
        self.found = Found("", "The GPU backend did not start; it is tried again when Blender is started again.")

    def install(self, offer: Packages) -> None:
        """Begins to make the environment; one that is in place is replaced when the new one works."""
        order = making.Order(place(), ROOT, offer, sys.executable, shutil.which("uv") or "")
        self._start(making.Work(functools.partial(making.make, order=order)))

    def remove(self) -> None:
        """Begins to take it away."""
        self._start(making.Work(functools.partial(making.remove, place=place())))

    def cancel(self) -> None:
        """Asks the one at work to end."""
        if self.work is not None:
            self.work.cancelled.set()

    def poll(self) -> bool:
        """One look; True while something runs."""
        if self.work is None:
            return False
        if self.work.ending is None:
            return True
        self.ending, self.work = self.work.ending, None
        self.refresh()
        return False

    def stop(self) -> None:
        """Cancels and waits until the program is gone, 5 s at most."""
        if self.work is not None:
            self.cancel()
            self.work.wait(_STOP_S)

    def _start(self, work: making.Work) -> None:
        self.ending, self.work = None, work
        work.start()


installer = Installer()
"""The only one."""


def look(environment: Path, offer: Packages | str) -> Found:
    """What an environment's files say; it is known to have worked when they were written."""
    facts = gpu.read(environment)
    if not facts:
        return Found()
    python, device = gpu.python_of(environment), NAMES.get(facts["device"], facts["device"])
    if not os.access(python, os.X_OK):  # a link to a Blender that is gone is none either
        return Found("", f"The Blender that the GPU backend ({device}) was made with is gone: install it again.")
    if isinstance(offer, Packages) and facts["packages"] != offer.digest:
        return Found(str(python), f"{device}, made by another version of IsoDiM: install it again when it suits you.")
    return Found(str(python), f"{device}, installed and tried out.")


def place() -> making.Place:
    """Where it is: in the user's folder, which upgrades of the extension leave alone."""
    return making.Place(Path(bpy.utils.extension_path_user(EXTENSION, path="")))


def hindrance() -> str:
    """Why nothing can be installed here, one sentence; empty if it can."""
    if isinstance(installer.offer, str):
        return installer.offer
    return "" if own_python.is_python() else "Blender's Python cannot be started here: name a Python of your own."


def say() -> str:
    """What is being done, and for how long; empty if nothing is."""
    work = installer.work
    return "" if work is None else f"{time.monotonic() - work.began:.0f} s: {work.line}"


def register() -> None:
    """Looks at what there is."""
    installer.refresh()


def unregister() -> None:
    """Cancels what runs; the environment stays."""
    installer.stop()
    installer.forget()
