"""One request as states, driven by `poll`; it knows a child and a clock, but no bpy.

STARTING ──► WAITING ──► RUNNING ──► FINISHED | FAILED | CANCELLED
    └───────────┴────────────┴── cancel ──► CANCELLING ──► CANCELLED
"""

from __future__ import annotations

import dataclasses
import enum
import queue
import time
from collections.abc import Callable

from ...common.motion.motion import Motion
from ...common.wire import jsonrpc, messages
from .child import Child, Lost

Answer = messages.Finished | messages.Ranked


class State(enum.Enum):
    """Where a job stands; the last three are endings."""

    STARTING = "Starting the backend"
    WAITING = "Waiting for its turn"
    RUNNING = "Generating"
    CANCELLING = "Cancelling"
    FINISHED = "Finished"
    FAILED = "Failed"
    CANCELLED = "Cancelled"


ENDINGS = frozenset({State.FINISHED, State.FAILED, State.CANCELLED})


@dataclasses.dataclass(frozen=True)
class Limits:
    """Seconds without a word after which the child counts as hung; the first start reads torch from a cold disk."""

    start_s: float = 180.0
    silence_s: float = 120.0
    cancel_s: float = 5.0


class Job:
    """One request of any kind to a child. `error` is the sentence of FAILED, `answer` the result of FINISHED.

    partial: the clip as it was known last, of a request that asks for that.
    """

    def __init__(
        self,
        child: Child,
        request: messages.Request,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.child, self.request = child, request
        self.state = State.STARTING
        self.progress: messages.Progress | None = None
        self.partial: Motion | None = None
        self.answer: Answer | None = None
        self.error = ""
        self._limits, self._clock = limits or Limits(), clock
        self._heard = clock()
        self._id: int | None = None
        if child.initialized is None:
            self._initialize_id = child.introduce()
        else:
            self._send()

    @property
    def ended(self) -> bool:
        """Whether the job has its one ending."""
        return self.state in ENDINGS

    def cancel(self) -> None:
        """Asks for the end; it comes through `poll`, at the latest when the child had its time and is stopped."""
        if self.ended or self.state is State.CANCELLING:
            return
        if self._id is None:
            self._stop_child()
            self.state = State.CANCELLED
            return
        self.child.notify(messages.Cancel(self._id))
        self.state, self._heard = State.CANCELLING, self._clock()

    def poll(self) -> State:
        """Takes what the child has said and looks at the clock; never blocks."""
        while not self.ended:
            try:
                event = self.child.receive()
            except queue.Empty:
                self._check_silence()
                break
            self._lost(event) if isinstance(event, Lost) else self._take(event)
        return self.state

    def _send(self) -> None:
        method, introduced = self.request.method, self.child.initialized
        if introduced is not None and method not in introduced.capabilities:
            self._fail(
                f"The backend is older than the add-on and has no {method!r}: install both from the same release."
            )
            return
        self._id = self.child.request(self.request)
        self.state = State.WAITING

    def _take(self, message: jsonrpc.Message) -> None:
        body = message.body
        if self.state is not State.CANCELLING:
            self._heard = self._clock()
        if isinstance(body, messages.Failed) and message.id in (self._id, None):
            self._fail(body.message)
        elif self._id is None and message.id == self._initialize_id:
            self._greet(body)
        elif isinstance(body, messages.Progress) and body.id == self._id:
            self.progress, self.partial = body, body.partial or self.partial
            if self.state is State.WAITING:
                self.state = State.RUNNING
        elif isinstance(body, Answer) and isinstance(body, self.request.answer) and message.id == self._id:
            # Finished may cross a Cancel on the wire; who cancelled wants nothing.
            self.answer = body if self.state is not State.CANCELLING else None
            self.state = State.CANCELLED if self.state is State.CANCELLING else State.FINISHED
        elif isinstance(body, messages.Cancelled) and message.id == self._id:
            self.state = State.CANCELLED

    def _greet(self, body: messages.Body) -> None:
        if isinstance(body, messages.Initialized):
            self.child.initialized = body
            self._send()
        else:
            self._stop_child()
            self._fail(getattr(body, "message", "The backend answered something else than its introduction."))

    def _lost(self, event: Lost) -> None:
        self._stop_child()
        if self.state is State.CANCELLING:
            self.state = State.CANCELLED
        else:
            self._fail(event.reason)

    def _check_silence(self) -> None:
        silence = self._clock() - self._heard
        if self.state is State.CANCELLING and silence > self._limits.cancel_s:
            self._stop_child()
            self.state = State.CANCELLED
            return
        limit = self._limits.start_s if self._id is None else self._limits.silence_s
        if self.state is not State.CANCELLING and silence > limit:
            self._stop_child()
            self._fail(f"The backend said nothing for {limit:g} s and was stopped.")

    def _stop_child(self) -> None:
        self.child.end_in_background()

    def _fail(self, sentence: str) -> None:
        self.state, self.error = State.FAILED, sentence
