"""Long work in steps, between which Blender's main loop turns; no bpy.

A function that gives `Steps[T]` is a generator: it holds Blender from one `yield` to the next, some ms, and what it returns is the
result. Whoever goes on after a `yield` looks again at what it holds of the file: a person may have changed it meanwhile.
"""

from __future__ import annotations

import contextlib
import functools
import threading
import time
from collections.abc import Callable, Generator
from typing import Generic, ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")
Steps = Generator[None, None, T]

_LOOK_S = 0.002
_LONGEST = 3.0


def at_once(steps: Steps[T]) -> T:
    """All of them, one after the other: what they return."""
    while True:
        try:
            next(steps)
        except StopIteration as ended:
            return ended.value


def one_step(function: Callable[P, T]) -> Callable[P, Steps[T]]:
    """A function that is quick, for whoever takes steps."""

    @functools.wraps(function)
    def stepped(*arguments: P.args, **named: P.kwargs) -> Steps[T]:
        yield from ()
        return function(*arguments, **named)

    return stepped


class Sliced(Generic[T]):
    """Steps that are taken for a slice of time at a go. `done` and `value` once they have ended; what they raise comes through."""

    def __init__(self, steps: Steps[T]) -> None:
        self._steps = steps
        self._left_s: float | None = None
        self.done = False
        self.value: T | None = None

    def go_on(self, slice_s: float) -> bool:
        """Takes steps until the slice is over or they end; True while there are more.

        The slice is up to `_LONGEST` times as long where Blender itself takes so long from one to the next, as it draws a heavy scene:
        otherwise the work would hardly go on.
        """
        now = time.monotonic()
        away_s = 0.0 if self._left_s is None else now - self._left_s
        until = now + min(max(away_s, slice_s), _LONGEST * slice_s)
        while not self.done:
            try:
                next(self._steps)
            except StopIteration as ended:
                self.done, self.value = True, ended.value
            if time.monotonic() >= until:
                break
        self._left_s = time.monotonic()
        return not self.done

    def stop(self) -> None:
        """Ends them where they are; what they hold is put back, as far as it is still there."""
        with contextlib.suppress(ReferenceError):
            self._steps.close()


def beside(work: Callable[[], T]) -> Steps[T]:
    """`work`, which touches nothing of Blender's, in a thread of its own; what it raises is raised here."""
    found: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            found.append(work())
        except BaseException as error:  # raised again below, where somebody waits for it
            failed.append(error)

    thread = threading.Thread(target=run, name="isodim work", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(_LOOK_S)
        yield
    if failed:
        raise failed[0]
    return found[0]
