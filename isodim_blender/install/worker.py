"""A thread with one ending, and what it says of itself; no bpy."""

from __future__ import annotations

import dataclasses
import enum
import threading
import traceback
from pathlib import Path

from . import removal
from .errors import Cancelled, InstallError
from .one_at_a_time import lock

_LOCK = "environment.lock"


class State(enum.Enum):
    """Where an installation stands; the last three are endings."""

    RUNNING = "Installing"
    FINISHED = "Finished"
    FAILED = "Failed"
    CANCELLED = "Cancelled"


@dataclasses.dataclass(frozen=True)
class Status:
    """A moment: what is being done, how much of all is done (0 to 1), and at the end how it went."""

    state: State = State.RUNNING
    text: str = "Looking for a Python"
    factor: float = 0.0
    eta_s: float | None = None
    advice: str = ""


class Worker:
    """A thread with one ending; `status` is replaced as a whole, so any thread may read it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.status = Status()
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._run, name="isodim install", daemon=True)

    def start(self) -> None:
        """Begins, once."""
        self._thread.start()

    def cancel(self) -> None:
        """Asks for the end, which comes within seconds."""
        self._cancelled.set()

    def wait(self, seconds: float | None = None) -> None:
        """Until the thread has ended."""
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            with lock(self.folder.with_name(_LOCK)):
                ending = Status(State.FINISHED, self.work(), 1.0)
        except Cancelled:
            ending = Status(State.CANCELLED, "The installation was cancelled; what is installed already stays.")
        except InstallError as error:
            ending = Status(State.FAILED, error.sentence, advice=error.advice)
        except Exception as error:  # a thread's exception reaches nobody else; the console has the trace
            traceback.print_exc()
            ending = Status(State.FAILED, f"The installation failed: {error}", advice="Open the log.")
        self.status = ending

    def work(self) -> str:
        """Does it, and says what was done. Raises InstallError, Cancelled."""
        raise NotImplementedError


class Removal(Worker):
    """Takes the environment away."""

    def work(self) -> str:
        """Renames, then removes."""
        self.status = Status(text="Removing the backend")
        removal.discard(self.folder)
        return "The backend was removed."
