"""Requests through the add-on's own session, disturbed in every way that real life has; each must end once, and as it should."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import os
import random
import signal
import time
from collections.abc import Callable
from typing import Any

import bpy

from tools.soak import process

PATIENCE_S = 30.0
WEIGHTS = {
    "good": 700, "previews": 30, "repeats": 20, "dawdles": 100, "refuses": 60,
    "dies": 10, "halves": 8, "babbles": 8, "closes": 3, "hangs": 3, "ignores": 2,
}  # fmt: skip
LIVES = ("good", "previews", "repeats", "dawdles")
DISTURBANCES = {"none": 640, "cancel": 300, "kill": 15, "open file": 15, "reload": 5, "idle": 25}
SAMPLE_EVERY = 10


@dataclasses.dataclass
class Figures:
    """What was counted. own_mb and child_mb: [requests, MB] samples."""

    requests: int = 0
    seconds: float = 0.0
    endings: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    disturbances: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    delivered: int = 0
    children: int = 0
    slowest_s: float = 0.0
    own_mb: list[tuple[int, float]] = dataclasses.field(default_factory=list)
    child_mb: list[tuple[int, float]] = dataclasses.field(default_factory=list)
    wrong: list[str] = dataclasses.field(default_factory=list)


def growth(samples: list[tuple[int, float]], warm: float = 0.2) -> tuple[float, float, float]:
    """Median MB of the first tenth after the warm-up (a share of all requests) and of the last one, and the ratio less one."""
    last = samples[-1][0]
    early = sorted(mb for number, mb in samples if warm * last <= number <= (warm + 0.1) * last)
    late = sorted(mb for number, mb in samples if number >= 0.9 * last)
    before, after = early[len(early) // 2], late[len(late) // 2]
    return before, after, after / before - 1.0


class Soak:
    """`room(name)` gives a room of the extension; `reload()` disables and enables it."""

    def __init__(self, room: Callable[[str], Any], reload: Callable[[], None], python: str, weights: str = "") -> None:
        self.room, self.reload, self.python, self.weights = room, reload, python, weights
        self.silence_s = 2.0
        self.session = room("isodim_blender.work.session").session
        self.figures = Figures()
        self._pids: set[int] = set()
        self._delivered = 0
        self._task, self._real_task = self._tasks()

    def _tasks(self) -> tuple[Callable[[], Any], Callable[[], Any]]:
        task: Any = self.room("isodim_blender.work.task")
        soak = self
        options = self.room("isodim_blender.action.apply").Options()

        @dataclasses.dataclass(frozen=True, kw_only=True)
        class Counting(task.Task):
            def deliver(self, answer: Any, scene: Any, armature: Any) -> Any:
                yield from ()
                soak._delivered += 1
                return task.Outcome("counted")

        @dataclasses.dataclass(frozen=True, kw_only=True)
        class Figure(task.NewAction):
            def deliver(self, answer: Any, scene: Any, armature: Any) -> Any:
                outcome = yield from super().deliver(answer, scene, armature)
                soak._delivered += 1  # a cancel may come while it is written
                return outcome

        def common() -> dict[str, Any]:
            return {"scene_uid": bpy.context.scene.session_uid, "armature_uid": None, "title": "soak"}

        return lambda: Counting(**common()), lambda: Figure(**common(), frame=1, options=options)

    def run(
        self, requests: int, source: random.Random, behaviours: dict[str, int], disturbances: dict[str, int]
    ) -> None:
        """So many requests, each with a behaviour of the child and a disturbance, drawn by their weights."""
        self._limits = self.room("isodim_blender.client.job").Limits(
            start_s=20.0, silence_s=self.silence_s, cancel_s=0.5
        )
        began = time.monotonic()
        for number in range(requests):
            behaviour = source.choices(list(behaviours), list(behaviours.values()))[0]
            disturbance = source.choices(list(disturbances), list(disturbances.values()))[0]
            self.figures.disturbances[disturbance] += disturbance != "none"
            self._one(number, f"{behaviour} {number}", disturbance, source)
            if number % SAMPLE_EVERY == 0:
                self._sample(number)
        self.figures.seconds += time.monotonic() - began
        self.figures.requests += requests

    def _one(self, number: int, prompt: str, disturbance: str, source: random.Random) -> None:
        session, before = self.session, self._delivered
        request = self.room("common.wire.messages").Generate(prompt, seconds=1.0, seed=number)
        session.limits = self._limits  # a reload forgets them
        session.start(request, (self._real_task if number % 100 == 7 else self._task)(), self.python, self.weights)
        self._pids.add(session.child.pid)
        run, began = session.run, time.monotonic()
        at = began + source.uniform(0.0, 0.02)
        pending = disturbance if disturbance in ("cancel", "kill", "open file") else ""
        while session.poll():
            if pending and time.monotonic() >= at:
                pending = self._disturb(pending)
            if time.monotonic() - began > PATIENCE_S:
                self.figures.wrong.append(f"{number} {prompt} {disturbance}: stuck in {run.job.state}")
                session.stop()
                return
            time.sleep(0.0005)
        self.figures.slowest_s = max(self.figures.slowest_s, time.monotonic() - began)
        self._judge(
            number, prompt.split(maxsplit=1)[0], disturbance if not pending else "none", run, self._delivered - before
        )
        if disturbance == "reload":
            self.reload()
        elif disturbance == "idle":
            session.rest(1e-9)
        elif number % 7 == 0:
            session.rest(600.0)
        if number % 100 == 7:
            _clear()

    def _disturb(self, how: str) -> str:
        if how == "cancel":
            self.session.cancel()
        elif how == "kill":
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.session.child.pid, signal.SIGKILL)
        else:
            bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
        return ""

    def _judge(self, number: int, behaviour: str, disturbance: str, run: Any, delivered: int) -> None:
        """Notes what does not fit what was done to the request."""
        ending, figures = type(run.ending).__name__, self.figures
        figures.endings[ending] += 1
        figures.delivered += delivered
        expected = {"Delivered"} if behaviour in LIVES else {"Failed"}
        if disturbance in ("cancel", "open file"):
            expected |= {"Cancelled"}
        if disturbance == "kill":
            expected |= {"Failed"}
        if ending not in expected or delivered != (ending == "Delivered") or self.session.run is not None:
            figures.wrong.append(
                f"{number} {behaviour}, {disturbance}: {ending}, {run.job.error or 'no error'}, delivered {delivered} times"
            )

    def _sample(self, number: int) -> None:
        self.figures.own_mb.append((number, process.resident_mb()))
        if self.session.child is not None:
            self.figures.child_mb.append((number, process.resident_mb(self.session.child.pid)))

    def finish(self, mark: str) -> None:
        """Stops the child, waits for the ending threads, and notes who is left."""
        self.session.stop()
        self.figures.children = len(self._pids)
        deadline = time.monotonic() + PATIENCE_S
        while (left := process.marked(mark)) and time.monotonic() < deadline:
            time.sleep(0.1)
        if left:
            self.figures.wrong.append(f"{len(left)} processes are left")


def _clear() -> None:
    """Removes the figures that were made."""
    for items in (bpy.data.objects, bpy.data.actions, bpy.data.armatures, bpy.data.meshes):
        for item in list(items):
            items.remove(item)


def settled(seconds: float = 5.0) -> tuple[int, int]:
    """Open descriptors and threads of this process, the least of some seconds, in which what ends in the background ends."""
    least = process.handles(), process.threads()
    for _ in range(round(seconds * 10)):
        time.sleep(0.1)
        least = min(least[0], process.handles()), min(least[1], process.threads())
    return least
