"""One request from the press to its one ending; everything here runs on the main thread.

job runs ──► finished ──► the task takes the answer ──► Delivered | Failed
   │              └────── what it was made for has changed ──► Offered
   └──► failed, cancelled ──► Failed | Cancelled
"""

from __future__ import annotations

import dataclasses
import traceback

import bpy

from ...common.errors import InputError
from ..client.job import Answer, Job, State
from ..figure import figure
from ..steps import Sliced, Steps, at_once
from .preferences import plays_new_figures
from .task import Gone, Outcome, Task

AGAIN = "Generate it again."
_NEW_BACKEND = (
    "Generate again to start a new backend; if it stops again, open the log and check the backend in the preferences."
)


@dataclasses.dataclass(frozen=True)
class Problem:
    """What failed, in one sentence, and what to do next; `advice` is empty where the sentence says it.

    log: whose log tells more, as `isodim.show_log` takes it.
    """

    sentence: str
    advice: str = ""
    log: str = "BACKEND"


@dataclasses.dataclass(frozen=True)
class Delivered:
    """The answer is in the scene. notice: what the backend had to say beside it."""

    outcome: Outcome
    notice: str = ""

    @property
    def sentence(self) -> str:
        """For a report."""
        return ". ".join(part for part in (self.outcome.sentence, self.notice) if part)


@dataclasses.dataclass(frozen=True)
class Offered:
    """The answer waits, since what it was made for was changed meanwhile."""

    task: Task
    answer: Answer
    problem: Problem

    def apply(self) -> Delivered:
        """Applied all the same, at once; InputError if it cannot be, or if what it was made for is gone."""
        try:
            return at_once(_delivering(self.task, self.answer, *self.task.places()))
        except Gone as gone:
            raise InputError("Result", "held back", f"its scene and armature: {gone}") from None


@dataclasses.dataclass(frozen=True)
class Failed:
    """Nothing came, or what came could not be written."""

    problem: Problem


@dataclasses.dataclass(frozen=True)
class Cancelled:
    """Somebody ended it. problem: None where it was the person who waits for it."""

    problem: Problem | None = None


Ending = Delivered | Offered | Failed | Cancelled


SLICE_S = 0.01
"""How long a poll takes steps while something is read or written, or up to three times as long (`Sliced`); the last may take longer."""


class Run:
    """A job and what its answer is for. `ending` is None until it has ended; `writes` while the answer is put into the scene."""

    def __init__(self, job: Job, task: Task) -> None:
        self.job, self.task = job, task
        self.ending: Ending | None = None
        self._why_cancelled: Problem | None = None
        self._writing: Sliced[Ending] | None = None

    @property
    def writes(self) -> bool:
        """Whether the answer is there and is being written."""
        return self._writing is not None

    def poll(self) -> bool:
        """Takes what has come and never blocks; True while it goes on. Once the job has ended the polls deliver, slice by slice."""
        if self.ending is None and self._writing is None:
            self.job.poll()
            if self.job.ended:
                self._end()
        if self._writing is not None and not self._writing.go_on(SLICE_S):
            self.ending, self._writing = self._writing.value, None
        return self.ending is None

    def cancel(self, why: Problem | None = None) -> None:
        """Asks for the end, which comes through `poll`. why: for the person, if it was not them."""
        self._why_cancelled = self._why_cancelled or why
        if self._writing is not None:
            self.abandon()
        self.job.cancel()

    def abandon(self) -> None:
        """Ended at once, for whom the child is stopped."""
        if self._writing is not None:
            self._writing.stop()
            self._writing = None
        self.ending = self.ending or Cancelled(self._why_cancelled)

    def interrupt(self, ending: Failed) -> None:
        """Ends the writing where it is: what it holds of the file is not there any more."""
        if self._writing is not None:
            self._writing.stop()
            self._writing, self.ending = None, ending

    def _end(self) -> None:
        job = self.job
        if job.state is State.CANCELLED or self._why_cancelled is not None:
            self.ending = Cancelled(self._why_cancelled)
        elif job.answer is None:
            self.ending = Failed(Problem(job.error, "" if job.child.usable else _NEW_BACKEND))
        else:
            self._writing = Sliced(_taken(self.task, job.answer))


def _taken(task: Task, answer: Answer) -> Steps[Ending]:
    try:
        scene, armature = task.places()
        if changed := (yield from task.changed(armature)):
            advice = "Press Apply Anyway in the Edit panel, or ask for it again."
            return Offered(task, answer, Problem(changed, advice))
        return (yield from _delivering(task, answer, scene, armature))
    except Gone as gone:
        return Failed(Problem(str(gone), AGAIN))
    except InputError as error:
        return Failed(Problem(str(error), f"The clip was dropped. {AGAIN}"))
    except ReferenceError:
        return Failed(Problem("The file was changed while the clip was written; the clip was dropped.", AGAIN))
    except Exception as error:
        # A request ends exactly once whatever a rig does to us: the panel says it, the console has the trace.
        traceback.print_exc()
        return Failed(
            Problem(f"Writing the clip failed: {error!r}.", "Copy the report; the system console has the trace.")
        )


def _delivering(
    task: Task, answer: Answer, scene: bpy.types.Scene, armature: bpy.types.Object | None
) -> Steps[Delivered]:
    outcome = yield from task.deliver(answer, scene, armature)
    if armature is None and outcome.result is not None:
        figure.show(bpy.data.objects[outcome.result.armature], plays_new_figures(bpy.context))
    if bpy.ops.ed.undo_push.poll():
        bpy.ops.ed.undo_push(message=f"IsoDiM: {task.title[:40]}")
    return Delivered(outcome, answer.notice)
