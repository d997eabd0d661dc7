"""What Blender knows of the backend's environment, and the one installation at a time; main thread only.

`Installer.poll` is called by the operators: by their timer in a window, in a loop where timers never fire.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import bpy

from .. import EXTENSION, ROOT
from . import choice, installation, removal, sentinel, worker

_STOP_S = 5.0


class Installer:
    """Lives as long as the add-on is enabled. Panels read its fields: nothing here is looked up while drawing."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """As if nothing had been looked at yet."""
        self.choices = choice.Choices("", {}, nvidia=False)
        self.found = sentinel.Found(sentinel.State.NONE)
        self.worker: worker.Worker | None = None
        self.ended: worker.Status | None = None
        self.disk_bytes: int | None = None

    @property
    def running(self) -> bool:
        """Whether something is being installed or removed."""
        return self.worker is not None

    @property
    def python(self) -> str:
        """The installed environment's Python; empty if there is none that can be used."""
        return "" if self.running else self.found.python

    def refresh(self) -> None:
        """Looks at the folder anew: three small files now, its size in a thread."""
        self.found = sentinel.look(folder(), self.choices.pinned())
        self.disk_bytes = None
        if self.found.state is not sentinel.State.NONE:
            threading.Thread(target=self._measure, name="isodim disk use", daemon=True).start()

    def install(self, chosen: str, anew: bool, wheels: str, extra_index: str, proxy: str) -> None:
        """Begins an installation, or goes on with a half-made one. InputError if the set is not there."""
        order = installation.Order(
            folder=folder(),
            root=ROOT,
            packages=self.choices.package_set(chosen),
            blender_python=sys.executable,
            log=log_path(),
            wheels=wheels,
            extra_index=extra_index,
            proxy=proxy,
            anew=anew,
        )
        self._start(installation.Installation(order))

    def remove(self) -> None:
        """Begins to take the environment away."""
        self._start(worker.Removal(folder()))

    def cancel(self) -> None:
        """Asks the running one to end."""
        if self.worker is not None:
            self.worker.cancel()

    def poll(self) -> bool:
        """One look; True while something runs."""
        if self.worker is None:
            return False
        if self.worker.status.state is worker.State.RUNNING:
            return True
        self.ended, self.worker = self.worker.status, None
        self.refresh()
        return False

    def stop(self) -> None:
        """Cancels and waits until the programs are gone, 5 s at most."""
        if self.worker is not None:
            self.worker.cancel()
            self.worker.wait(_STOP_S)

    def _start(self, work: worker.Worker) -> None:
        self.ended, self.worker = None, work
        work.start()

    def _measure(self) -> None:
        self.disk_bytes = removal.disk_use(folder())


installer = Installer()
"""The only one."""


def folder() -> Path:
    """Where the environment is: in the user's folder, which upgrades of the extension leave alone."""
    return Path(bpy.utils.extension_path_user(EXTENSION, path="")) / "environment"


def log_path() -> Path:
    """The installation's log, beside the environment."""
    return folder().with_name("install.log")


def say() -> str:
    """What is being done, with the part done and the time left; empty if nothing is."""
    if installer.worker is None:
        return ""
    status = installer.worker.status
    left = "" if status.eta_s is None else f", {status.eta_s:.0f} s left"
    return f"{status.text}{left}"


def register() -> None:
    """Reads what is pinned and what is installed."""
    installer.choices = choice.read()
    installer.refresh()


def unregister() -> None:
    """Cancels what runs; the environment stays."""
    installer.stop()
    installer.forget()
