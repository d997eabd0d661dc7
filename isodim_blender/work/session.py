"""The one child, the one run and what the panel shows of them; everything here runs on the main thread.

`Session.on_timer` is what the poll timer calls in a window; where timers never fire, who sent a request calls `Session.poll`.
"""

from __future__ import annotations

import collections
import dataclasses
import os
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import bpy

from ...common.errors import InputError
from ...common.wire import messages
from .. import EXTENSION, ROOT
from ..action import apply
from ..client import checkpoints, environment, log
from ..client.child import Child
from ..client.job import Job, Limits
from ..client.poll_timer import PollTimer
from ..client.upkeep import Upkeep
from ..install.installer import installer
from ..rig import mapping
from ..steps import Sliced, Steps
from .preferences import idle_limit_s, own_checkpoints
from .run import AGAIN, SLICE_S, Cancelled, Delivered, Ending, Failed, Offered, Problem, Run
from .task import Task

POLL_S, REST_S, AT_ONCE_S = 0.1, 2.0, 0.001
_KEPT_ERRORS = 3
SHOWN_IN = {"VIEW_3D", "DOPESHEET_EDITOR", "GRAPH_EDITOR", "NLA_EDITOR"}
_REMEMBERED = 4
"""Results that can be asked for once more: their requests hold whole clips."""
_TRACE = "Copy the report; the system console has the trace."
_NO_GPU = "Look at the graphics driver, or install the GPU backend again under Preferences > Add-ons > IsoDiM."
_OTHER_FILE = Problem("Another file was opened while the clip was made; the clip was dropped.", AGAIN)

Reader = Callable[[Ending], None]


@dataclasses.dataclass(frozen=True)
class Asking:
    """A request in the making. reader: of its ending, also if it is never sent. sent: hears of the run."""

    steps: Sliced[tuple[messages.Request, Task]]
    python: str
    weights: str
    reader: Reader
    sent: Callable[[Run], None]


class Session:
    """What lives as long as the add-on is enabled, in no file.

    delivered, offered, result: what came last, for the panel. seeds: with which clips were asked for, also ones that were undone.
    made: session_uid of an Action -> what was asked for when it came, of the last few. timers_fire: not with `-b`, not as the bpy module.
    """

    def __init__(self) -> None:
        self.timers_fire = not bpy.app.background
        self.timer = PollTimer(self.on_timer, bpy.app.timers)
        self.forget()

    def forget(self) -> None:
        """As if nothing had been requested yet."""
        self.child: Child | None = None
        self.run: Run | None = None
        self.asking: Asking | None = None
        self.self_test: environment.SelfTest | None = None
        self.checkpoints: tuple[checkpoints.Checkpoint, ...] = ()
        self.errors: collections.deque[Problem] = collections.deque(maxlen=_KEPT_ERRORS)
        self.delivered: Delivered | None = None
        self.offered: Offered | None = None
        self.result: apply.Result | None = None
        self.limits = Limits()
        self.usage: messages.Usage | None = None
        self.seeds: set[int] = set()
        self.made: dict[int, tuple[messages.Request, Task]] = {}
        self._upkeep: Upkeep | None = None
        self._redrawn = 0.0
        self._reader: Reader = self.show

    def start(
        self, request: messages.Request, task: Task, python: str, weights: str = "", reader: Reader | None = None
    ) -> Run:
        """Sends any request, with a new child if the last one is not usable, is another Python or looks for checkpoints elsewhere.

        `weights` is the person's own folder of checkpoints. `reader` hears of the run's ending once, when the session is free
        for the next run; without one it is `show`. InputError if the child's Python does not start.
        """
        if self.busy:
            raise InputError("IsoDiM", "at work already", "one request at a time")
        child = self._child_of(python, weights)
        self.delivered, self.offered, self._upkeep = None, None, None
        self.seeds.update(range(request.seed, request.seed + getattr(request, "count", 1)))
        self.run, self._reader = Run(Job(child, request, self.limits), task), reader or self.show
        if self.timers_fire:
            self.timer.wake(POLL_S)
        return self.run

    def expect(self, python: str, weights: str = "") -> None:
        """A request will come: its child starts and loads meanwhile, at rest until then. InputError as of `start`."""
        if self.busy:
            return
        child = self._child_of(python, weights)
        if child.initialized is None:
            child.introduce()
            self._upkeep = Upkeep(child)
        self.timer.wake(REST_S)

    def _child_of(self, python: str, weights: str) -> Child:
        """The child that is there, or a new one where that is not usable, another Python or looks for checkpoints elsewhere."""
        if self.child is not None and (self.child.weights, self.child.python) != (weights, python):
            self.child.end_in_background()  # `stop` would hold Blender up
        if self.child is None or not self.child.usable:
            log.tidy(log_path().parent)
            self.child = Child(python, ROOT, log_path(), weights)
        return self.child

    def ask(
        self,
        asked: Steps[tuple[messages.Request, Task]],
        python: str,
        weights: str,
        reader: Reader,
        sent: Callable[[Run], None],
    ) -> None:
        """As `start`, for a request that takes some steps to make; the polls take them, then `sent` hears of the run."""
        if self.busy:
            raise InputError("IsoDiM", "at work already", "one request at a time")
        self.delivered, self.offered = None, None
        self.asking = Asking(Sliced(asked), python, weights, reader, sent)
        if self.timers_fire:
            self.timer.wake(0.0)

    @property
    def busy(self) -> bool:
        """Whether something is asked for or made."""
        return self.run is not None or self.asking is not None

    def poll(self) -> bool:
        """One look at what is asked for, or at the run; True while one goes on. Its reader may have started the next."""
        if self.asking is not None:
            self._go_on_asking(self.asking)
            return self.busy
        run = self.run
        if run is not None and not run.poll():
            self._conclude(run)
        return self.busy

    def _go_on_asking(self, asking: Asking) -> None:
        try:
            if asking.steps.go_on(SLICE_S) or asking.steps.value is None:
                return
            self.asking = None
            asking.sent(self.start(*asking.steps.value, asking.python, asking.weights, asking.reader))
        except InputError as error:
            self._stop_asking(asking, Failed(Problem(str(error))))
        except ReferenceError:
            self._stop_asking(
                asking, Failed(Problem("The armature or its Action was deleted while the clip was read.", AGAIN))
            )
        except Exception as error:
            # As for an answer: whatever a rig does to us, the panel says it, the console has the trace.
            traceback.print_exc()
            self._stop_asking(asking, Failed(Problem(f"Reading the clip failed: {error!r}.", _TRACE)))

    def _conclude(self, run: Run) -> None:
        child = run.job.child
        self.run, self._upkeep = None, Upkeep(child) if child.usable else None
        if child.initialized is not None:
            self.checkpoints = checkpoints.reported(child.initialized)
        if isinstance(run.ending, Delivered):
            self._remember(run)
        if child.initialized is None and not child.usable and child.python == installer.python:
            installer.distrust()
            self.problem("The GPU backend did not start: clips are made by Blender's own Python, on the CPU.", _NO_GPU)
        if run.ending is not None:
            self._reader(run.ending)

    def _remember(self, run: Run) -> None:
        """What the armature plays now came of this run."""
        uid = run.task.armature_uid
        armature = None if uid is None else next((item for item in bpy.data.objects if item.session_uid == uid), None)
        if armature is not None and armature.animation_data is not None and armature.animation_data.action is not None:
            self.made[armature.animation_data.action.session_uid] = run.job.request, run.task
            while len(self.made) > _REMEMBERED:
                del self.made[next(iter(self.made))]

    def rest(self, limit_s: float) -> bool:
        """One look at the child while nothing runs; False once there is none. It is ended after `limit_s` seconds; 0 is never."""
        if self._upkeep is None:
            return False
        if self._upkeep.look(limit_s):
            self.usage = self._upkeep.usage or self.usage
            return True
        self.child = self._upkeep = self.usage = None
        return False

    def on_timer(self) -> float | None:
        """One call of the poll timer: the run, or else the child at rest; the seconds to the next."""
        at_work, shown = self.busy, self.usage
        seen = None if self.run is None else self.run.job.partial
        try:
            self.poll()
        except Exception as error:
            # Blender drops a timer that raises and tells nobody: the panel must say it, the console has the trace.
            traceback.print_exc()
            self.problem(f"Reading the result failed: {error!r}.", _TRACE)
        resting = not self.busy and self.rest(idle_limit_s(bpy.context))
        now = time.monotonic()
        if (at_work and (now - self._redrawn >= POLL_S or not self.busy)) or self.usage != shown:
            self._redrawn = now
            redraw(SHOWN_IN, {"UI"})
        if (None if self.run is None else self.run.job.partial) is not seen:
            redraw({"VIEW_3D"}, {"WINDOW"})  # the clip that is being made is drawn there
        if self.asking is not None or (self.run is not None and self.run.writes):
            return AT_ONCE_S
        if self.run is not None:
            return POLL_S
        return REST_S if resting else None

    def cancel(self) -> None:
        """Asks the run to end."""
        if self.asking is not None:
            self._stop_asking(self.asking, Cancelled())
        if self.run is not None:
            self.run.cancel()

    def file_opened(self) -> None:
        """Another file is there now: nothing that runs may reach it."""
        self.delivered, self.offered = None, None
        self.seeds.clear()
        self.made.clear()
        if self.asking is not None:
            self._stop_asking(self.asking, Cancelled(_OTHER_FILE))
        if self.run is not None:
            self.run.cancel(_OTHER_FILE)

    def history_moved(self) -> None:
        """After an undo nothing of the file is where it was: steps that hold curves must not go on."""
        moved = Failed(Problem("Something was undone meanwhile; the clip was dropped.", AGAIN))
        if self.asking is not None:
            self._stop_asking(self.asking, moved)
        if self.run is not None:
            self.run.interrupt(moved)

    def _stop_asking(self, asking: Asking, ending: Cancelled | Failed) -> None:
        self.asking = None
        asking.steps.stop()
        asking.reader(ending)

    def show(self, ending: Ending) -> None:
        """The panel's reader of endings: what came, or else a problem on top of its list."""
        if isinstance(ending, Delivered):
            self.delivered, self.result = ending, ending.outcome.result or self.result
            return
        if isinstance(ending, Offered):
            self.offered = ending
        if ending.problem is not None:
            self.problem(ending.problem.sentence, ending.problem.advice)

    def apply_offered(self) -> Delivered:
        """Applies the result that was held back, whatever changed; InputError if there is none or it cannot be applied."""
        if self.offered is None:
            raise InputError("Result", "none", "a result that was held back")
        offered, self.offered = self.offered, None
        delivered = offered.apply()
        self.show(delivered)
        return delivered

    def checkpoint(self, name: str) -> checkpoints.Checkpoint | None:
        """The checkpoint of that name, or the default one; None if it is not known."""
        if name == checkpoints.DEFAULT:
            return next(iter(self.checkpoints), None)
        return next((one for one in self.checkpoints if one.name == name), None)

    def problem(self, sentence: str, advice: str = "", log: str = "BACKEND") -> None:
        """Puts a problem on top of the panel's list; see `Problem`."""
        self.errors.appendleft(Problem(sentence, advice, log))

    def list_checkpoints(self, folder: str) -> None:
        """Lists the bundled checkpoints and those of the person's `folder`, without the backend."""
        self.checkpoints = checkpoints.on_disk(ROOT, folder)

    def stop(self) -> None:
        """Ends the run and the child; takes up to 4 s if the child does not want to."""
        if self.asking is not None:
            self.asking.steps.stop()
        if self.run is not None:
            self.run.abandon()
        self.asking = None
        self.run = self._upkeep = self.usage = None
        if self.child is not None:
            self.child.end()
            self.child = None


session = Session()
"""The only one."""


def log_path() -> Path:
    """The log of this Blender's backend, in the user's folder: the extension's own may be read-only and is emptied at upgrades."""
    folder = Path(bpy.utils.extension_path_user(EXTENSION, path="logs", create=True))
    return folder / f"backend-{os.getpid()}.log"


def redraw(editors: set[str], regions: set[str]) -> None:
    """These regions of all areas of these editors, and the status bar."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in editors:
                for region in area.regions:
                    if region.type in regions:
                        region.tag_redraw()
    # The status bar is in no screen's areas, but it listens for a change of the view layer.
    bpy.msgbus.publish_rna(key=(bpy.types.Window, "view_layer"))


@bpy.app.handlers.persistent
def _file_opened(*_arguments: object) -> None:
    session.file_opened()


@bpy.app.handlers.persistent
def _history_moved(*_arguments: object) -> None:
    session.history_moved()


def register() -> None:
    """Lists the checkpoints, reads the corrected bones once, and listens for other files."""
    session.list_checkpoints(own_checkpoints(bpy.context))
    for sentence in mapping.load_corrections():
        session.problem(sentence)
    bpy.app.handlers.load_post.append(_file_opened)
    bpy.app.handlers.undo_pre.append(_history_moved)
    bpy.app.handlers.redo_pre.append(_history_moved)


def unregister() -> None:
    """Stops the poll timer and the child; nothing stays behind."""
    session.timer.stop()
    bpy.app.handlers.load_post.remove(_file_opened)
    bpy.app.handlers.undo_pre.remove(_history_moved)
    bpy.app.handlers.redo_pre.remove(_history_moved)
    session.stop()
    mapping.forget()
    session.forget()
