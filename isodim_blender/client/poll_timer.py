"""A function that Blender's timers call again and again on the main thread; the timers are given, so no bpy."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol


class Timers(Protocol):
    """What is used of `bpy.app.timers`: a function is told by its identity, and registered twice it is called twice."""

    def register(self, function: Callable[[], float | None], *, first_interval: float, persistent: bool) -> None:
        """Calls `function` in `first_interval` seconds, then after as many as it returns; None ends it."""

    def unregister(self, function: Callable[[], float | None]) -> None:
        """Not called any more; ValueError if it was not registered."""

    def is_registered(self, function: Callable[[], float | None]) -> bool:
        """Also while it is being called."""


class PollTimer:
    """Calls `poll` until it returns None; what it returns are the seconds to the next call.

    Waking it may bring the next call forward and never puts it off, so it fires however often it is woken.
    """

    def __init__(
        self, poll: Callable[[], float | None], timers: Timers, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._poll, self._timers, self._clock = poll, timers, clock
        self._function = self._call  # a bound method is another object at each look
        self._due_s = 0.0
        self._calling = False
        self._woken_s: float | None = None

    @property
    def running(self) -> bool:
        """Whether there is a next call."""
        return self._timers.is_registered(self._function)

    def wake(self, within_s: float) -> None:
        """The next call comes in `within_s` seconds at the latest, also across the opening of files."""
        if self._calling:
            self._woken_s = within_s
            return
        due_s = self._clock() + within_s
        if self.running:
            if self._due_s <= due_s:
                return
            self.stop()
        self._timers.register(self._function, first_interval=within_s, persistent=True)
        self._due_s = due_s

    def stop(self) -> None:
        """No call comes any more."""
        if self.running:
            self._timers.unregister(self._function)

    def _call(self) -> float | None:
        self._calling, self._woken_s = True, None
        try:
            next_s = self._poll()
        finally:
            self._calling = False
        interval_s = min((found for found in (next_s, self._woken_s) if found is not None), default=None)
        if interval_s is not None:
            self._due_s = self._clock() + interval_s
        return interval_s
