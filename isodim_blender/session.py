"""The one child, the one job and what the panel shows of them; everything here runs on the main thread.

`Session.poll` is the pump: a timer calls it in a window, the generate operator and the tests call it where timers never fire.
"""

from __future__ import annotations

import collections
import dataclasses
import os
import traceback
from pathlib import Path

import bpy

from ..common.errors import InputError
from ..common.wire import messages
from . import EXTENSION, ROOT
from .action import apply
from .client import checkpoints, environment, log
from .client.child import Child
from .client.job import Answer, Job, Limits, State
from .client.upkeep import Upkeep
from .editing import ghost
from .figure import figure
from .rig import mapping
from .task import Outcome, Task
from .ui.preferences import idle_limit_s, own_checkpoints, plays_new_figures

POLL_S, REST_S = 0.1, 2.0
_KEPT_ERRORS = 3
_SHOWN_IN = {"VIEW_3D", "DOPESHEET_EDITOR", "GRAPH_EDITOR", "NLA_EDITOR"}
_AGAIN = "Generate it again."
_NEW_BACKEND = (
    "Generate again to start a new backend; if it stops again, open the log and check the backend in the preferences."
)


@dataclasses.dataclass(frozen=True)
class Problem:
    """What failed, in one sentence, and what to do next; `advice` is empty where the sentence says it."""

    sentence: str
    advice: str = ""


class Session:
    """What lives as long as the add-on is enabled, in no file."""

    def __init__(self) -> None:
        self.child: Child | None = None
        self.job: Job | None = None
        self.report: environment.Report | None = None
        self.checkpoints: tuple[checkpoints.Checkpoint, ...] = ()
        self.errors: collections.deque[Problem] = collections.deque(maxlen=_KEPT_ERRORS)
        self.last_result = ""
        self.result: apply.Result | None = None
        self.limits = Limits()
        self.outcome: Outcome | None = None
        self.offered: tuple[Task, Answer] | None = None
        self.usage: messages.Usage | None = None
        self._upkeep: Upkeep | None = None
        self._task: Task | None = None
        self._other_file = False

    def start(self, request: messages.Drawing, task: Task, python: str, weights: str = "") -> None:
        """Sends any request, whose answer `task` will take, with a new child if the last one is not usable or looks for checkpoints elsewhere.

        `weights` is the person's own folder of checkpoints. InputError if the child's Python does not start.
        """
        if self.job is not None:
            raise InputError("IsoDiM", "at work already", "one request at a time")
        if self.child is not None and self.child.weights != weights:
            self.child.end_in_background()  # `stop` would hold Blender up
        if self.child is None or not self.child.usable:
            log.tidy(log_path().parent)
            self.child = Child(python, ROOT, log_path(), weights)
        self.last_result, self.outcome, self.offered = "", None, None
        self._task, self._other_file, self._upkeep = task, False, None
        self.job = Job(self.child, request, self.limits)

    def poll(self) -> bool:
        """One turn of the pump; True while a job runs. The turn in which a job ends also writes its clip."""
        if self.job is None:
            return False
        if self.job.poll() and not self.job.ended:
            return True
        job, self.job = self.job, None
        self._upkeep = Upkeep(self.child) if self.child.usable else None
        if self.child.initialized is not None:
            self.checkpoints = checkpoints.reported(self.child.initialized)
        if job.state is State.FAILED:
            self.problem(job.error, "" if self.child.usable else _NEW_BACKEND)
        elif job.state is State.CANCELLED and self._other_file:
            self.problem("Another file was opened while the clip was made; the clip was dropped.", _AGAIN)
        elif job.state is State.FINISHED:
            self._deliver(job)
        return False

    def rest(self, limit_s: float) -> bool:
        """One look at the child while no job runs; False once there is none. It is ended after `limit_s` seconds; 0 is never."""
        if self._upkeep is None:
            return False
        if self._upkeep.turn(limit_s):
            self.usage = self._upkeep.usage or self.usage
            return True
        self.child = self._upkeep = self.usage = None
        return False

    def cancel(self) -> None:
        """Asks the running job to end."""
        if self.job is not None:
            self.job.cancel()

    def file_opened(self) -> None:
        """Another file is there now: nothing that runs may reach it."""
        self._other_file, self.offered, self.outcome = True, None, None
        self.cancel()

    def checkpoint(self, name: str) -> checkpoints.Checkpoint | None:
        """The checkpoint of that name, or the default one; None if it is not known."""
        if name == checkpoints.DEFAULT:
            return next(iter(self.checkpoints), None)
        return next((one for one in self.checkpoints if one.name == name), None)

    def problem(self, sentence: str, advice: str = "") -> None:
        """Puts a problem on top of the panel's list."""
        self.errors.appendleft(Problem(sentence, advice))

    def list_checkpoints(self, folder: str) -> None:
        """Lists the bundled checkpoints and those of the person's `folder`, without the backend."""
        self.checkpoints = checkpoints.on_disk(ROOT, folder)

    def stop(self) -> None:
        """Ends the child; takes up to 4 s if it does not want to."""
        self.job = self._upkeep = self.usage = None
        if self.child is not None:
            self.child.end()
            self.child = None

    def take_offered(self) -> None:
        """Puts the result that was offered, whatever changed; InputError if there is none or it cannot be put."""
        if self.offered is None:
            raise InputError("Result", "none", "a result that was held back")
        (task, answer), self.offered = self.offered, None
        try:
            self._put(task, answer, *self._places(task))
        except _Gone as gone:
            raise InputError("Result", "held back", f"its scene and armature: {gone}") from None

    def _deliver(self, job: Job) -> None:
        task = self._task
        try:
            scene, armature = self._places(task)
            if changed := task.changed():
                self.offered = task, job.answer
                self.problem(changed, "Press Put Anyway in the Edit panel, or ask for it again.")
            else:
                self._put(task, job.answer, scene, armature)
        except _Gone as gone:
            self.problem(str(gone), _AGAIN)
        except InputError as error:
            self.problem(str(error), f"The clip was dropped. {_AGAIN}")

    def _places(self, task: Task) -> tuple[bpy.types.Scene, bpy.types.Object | None]:
        scene = _by_uid(bpy.data.scenes, task.scene_uid)
        armature = _by_uid(bpy.data.objects, task.armature_uid)
        if scene is None:
            raise _Gone("The scene was deleted while its clip was made; the clip was dropped.")
        if task.armature_uid is not None and (armature is None or not armature.users_scene):
            raise _Gone("The armature was deleted while its clip was made; the clip was dropped.")
        return scene, armature

    def _put(self, task: Task, answer: Answer, scene: bpy.types.Scene, armature: bpy.types.Object | None) -> None:
        self.outcome = task.deliver(answer, scene, armature)
        self.last_result = ". ".join(part for part in (self.outcome.sentence, answer.notice) if part)
        self.result = self.outcome.result or self.result
        if armature is None and self.outcome.result is not None:
            figure.show(bpy.data.objects[self.outcome.result.armature], plays_new_figures(bpy.context))
        if bpy.ops.ed.undo_push.poll():
            bpy.ops.ed.undo_push(message=f"IsoDiM: {task.title[:40]}")


class _Gone(Exception):
    """What a result was made for is not there any more."""


session = Session()
"""The only one."""


def _by_uid(items: bpy.types.bpy_prop_collection, uid: int | None) -> bpy.types.ID | None:
    return next((item for item in items if item.session_uid == uid), None)


def log_path() -> Path:
    """The log of this Blender's backend, in the user's folder: the extension's own may be read-only and is emptied at upgrades."""
    folder = Path(bpy.utils.extension_path_user(EXTENSION, path="logs", create=True))
    return folder / f"backend-{os.getpid()}.log"


def timers_fire() -> bool:
    """Whether this Blender runs timers: not with `-b`, not as the bpy module."""
    return not bpy.app.background


def start_pump() -> None:
    """Polls until the job ends and the child has rested long enough, also across the opening of files."""
    if bpy.app.timers.is_registered(_turn):  # at rest it would come late
        bpy.app.timers.unregister(_turn)
    bpy.app.timers.register(_turn, first_interval=POLL_S, persistent=True)


def _turn() -> float | None:
    at_work = session.job is not None
    try:
        running = session.poll()
    except Exception as error:
        # Blender drops a timer that raises and tells nobody: the panel must say it, the console has the trace.
        traceback.print_exc()
        session.problem(f"Writing the clip failed: {error!r}.", "Copy the report; the system console has the trace.")
        running = False
    if running:
        _redraw()
        return POLL_S
    shown = session.usage
    resting = session.rest(idle_limit_s(bpy.context))
    if at_work:
        ghost.end()
    if at_work or session.usage != shown:
        _redraw()
    return REST_S if resting else None


def _redraw() -> None:
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in _SHOWN_IN:
                area.tag_redraw()
    # The status bar is in no screen's areas, but it listens for a change of the view layer.
    bpy.msgbus.publish_rna(key=(bpy.types.Window, "view_layer"))


@bpy.app.handlers.persistent
def _file_opened(*_arguments: object) -> None:
    session.file_opened()


def register() -> None:
    """Lists the checkpoints, reads the corrected bones once, and listens for other files."""
    session.list_checkpoints(own_checkpoints(bpy.context))
    for sentence in mapping.load_corrections():
        session.problem(sentence)
    bpy.app.handlers.load_post.append(_file_opened)


def unregister() -> None:
    """Stops the pump and the child; nothing stays behind."""
    if bpy.app.timers.is_registered(_turn):
        bpy.app.timers.unregister(_turn)
    bpy.app.handlers.load_post.remove(_file_opened)
    ghost.end()
    session.stop()
    mapping.forget()
    session.__init__()
