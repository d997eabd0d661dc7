"""The server: requests in, exactly one ending out for each.

Two threads. The caller's thread reads frames, answers what needs no model, and ends cancelled requests at once. The worker
runs one generation after another; between two sampling steps it looks whether its request has ended. Whoever ends a
request first wins: the ending and everything else about a request is sent under one lock.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import BinaryIO, Protocol

from common.errors import InputError
from common.motion.motion import Motion
from common.wire import frames, jsonrpc, messages, requests
from common.wire.messages import Body, Id
from common.wire.requests import Generate, Request

MAX_WAITING = 64
CAPABILITIES = ("cancel", "count", "progress", "queue", "usage", *requests.motion_requests())
_LEAVE_S = 1.0
"""How long a leaving server waits for its worker and for a client that holds the lock: half of what the client waits."""
_WARM_UP = Generate("a person stands", seconds=requests.MIN_SECONDS)
_log = logging.getLogger(__name__)


class Cancelled(Exception):
    """Raised by a step callback: stop now, nothing is wrong."""


class OnProgress(Protocol):
    """Called before each sampling step; it may raise Cancelled. `partial`: the clip as it stands, for a request that asks for it."""

    def __call__(self, step: int, total: int, partial: Motion | None = None) -> None:
        """`step` of `total` begins."""


Answer = Callable[[Request, OnProgress], messages.Finished | messages.Ranked]
"""Works on one request, which it reports step by step."""
Load = Callable[[Request], Answer]
About = Callable[[], messages.Initialized]
Measure = Callable[[], messages.Usage]


def serve(stdin: BinaryIO, stdout: BinaryIO, load: Load, about: About, measure: Measure) -> None:
    """Answers requests until Shutdown or until `stdin` ends, and returns within one sampling step of that.

    `load` finds what answers a request; both are called on the worker's thread only;
    `about` makes the answer to Initialize, `measure` that to GetUsage. Raises FrameError when the stream no longer holds frames.
    """
    server = _Server(stdout, load, about, measure)
    worker = threading.Thread(target=server.work, name="worker", daemon=True)
    worker.start()
    try:
        server.read(stdin)
    except frames.FrameError as error:
        server.send(messages.Failed(str(error), jsonrpc.PARSE_ERROR))
        raise
    finally:
        server.leave()
        worker.join(_LEAVE_S)


class _Job:
    """One request for motion from acceptance to its ending."""

    def __init__(self, id: Id, request: Request) -> None:
        self.id, self.request = id, request
        self.calls, self.started = 0, 0.0

    def eta_s(self, step: int, total: int) -> float | None:
        """Seconds that remain at the pace so far; None before the first step is over."""
        now = time.perf_counter()
        self.calls += 1
        if self.calls == 1:
            self.started = now
            return None
        return (now - self.started) / (self.calls - 1) * max(total - step, 0)


class _Server:
    def __init__(self, stdout: BinaryIO, load: Load, about: About, measure: Measure) -> None:
        self._stdout, self._load, self._about, self._measure = stdout, load, about, measure
        self._lock = threading.RLock()
        self._jobs: dict[Id, _Job] = {}
        self._waiting: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._initialized = threading.Event()
        self._leaving = False

    def read(self, stdin: BinaryIO) -> None:
        """Reads until the end of the stream or until Shutdown is answered."""
        while not self._leaving and (payload := frames.read_frame(stdin)) is not None:
            try:
                message = jsonrpc.parse(payload)
            except jsonrpc.BadMessage as error:
                self._refuse(error)
                continue
            self._dispatch(message.id, message.body)

    def send(self, body: Body, id: Id | None = None) -> None:
        """Writes one message. A client that no longer reads has left: so do we."""
        payload = jsonrpc.dump(body, id)
        with self._lock:
            try:
                frames.write_frame(self._stdout, payload)
            except (OSError, ValueError) as error:
                _log.warning("The client no longer reads: %s", error)
                self._leaving = True
                self._jobs.clear()

    def leave(self) -> None:
        """Ends all requests as cancelled and lets the worker go at its next step."""
        self._leaving = True
        self._waiting.put(None)
        self._initialized.set()
        if self._lock.acquire(timeout=_LEAVE_S):  # a client that neither reads nor closes its end can hold it for ever
            try:
                for id in list(self._jobs):
                    self._end(id, messages.Cancelled())
            finally:
                self._lock.release()

    def _refuse(self, error: jsonrpc.BadMessage) -> None:
        _log.warning("Refused: %s, expected %s", error.field, error.allowed)  # the value may be what somebody wrote
        is_notification = error.id is None and error.code in (jsonrpc.METHOD_NOT_FOUND, messages.INVALID_PARAMS)
        # JSON-RPC 2.0, sections 4.1 and 5: nobody waits for an answer to a notification, or to an answer
        if not (is_notification or error.is_response):
            self._fail(error.id, str(error), error.code)

    def _fail(self, id: Id | None, message: str, code: int) -> None:
        """Answers a request that never became a job; the id of a running job is not used for a second ending."""
        with self._lock:
            self.send(messages.Failed(message, code), None if id in self._jobs else id)

    def _dispatch(self, id: Id | None, body: Body) -> None:
        if id in self._jobs:
            self._fail(id, str(InputError("id", id, "an id that no other request has")), jsonrpc.INVALID_REQUEST)
            return
        match body:
            case messages.Initialize():
                self._initialize(id, body)
            case Request() if id is not None:
                self._accept(_Job(id, body))
            case messages.Cancel():
                self._end(body.id, messages.Cancelled())
            case messages.GetUsage():
                self.send(self._measure(), id)
            case messages.Shutdown():
                self.leave()
                self.send(messages.Done(), id)
            case _:
                _log.warning("Ignored: a server is not sent %s", type(body).__name__)

    def _initialize(self, id: Id | None, request: messages.Initialize) -> None:
        _log.info("Client: %s", request.client)
        try:
            answer = self._about()
        except InputError as error:
            self._fail(id, str(error), messages.SERVER_ERROR)
            return
        self.send(answer, id)
        self._initialized.set()

    def _accept(self, job: _Job) -> None:
        with self._lock:
            if not self._initialized.is_set():
                error = InputError("first request", "generate", "initialize")
            elif len(self._jobs) >= MAX_WAITING:
                error = InputError("waiting requests", len(self._jobs), f"at most {MAX_WAITING}")
            else:
                self._jobs[job.id] = job
                self.send(messages.Accepted(job.id))
                self._waiting.put(job)
                return
            self._fail(job.id, str(error), jsonrpc.INVALID_REQUEST)

    def _end(self, id: Id, ending: Body) -> None:
        """Sends the one ending of a request; does nothing for a request that has ended or never was."""
        with self._lock:
            if self._jobs.pop(id, None) is not None:
                self.send(ending, id)

    def _runs(self, job: _Job) -> bool:
        return self._jobs.get(job.id) is job

    def work(self) -> None:
        """The worker's life: after Initialize load the default model, then one job after another until `leave`."""
        self._initialized.wait()
        self._warm()
        while (job := self._waiting.get()) is not None:
            if self._runs(job):
                ending = self._run(job)
                with self._lock:
                    if self._runs(job):
                        self._end(job.id, ending)

    def _warm(self) -> None:
        """Loads the default checkpoint and runs it once, so that the first request finds everything ready."""

        def report(step: int, total: int, partial: Motion | None = None) -> None:
            if self._leaving or self._jobs:
                raise Cancelled

        try:
            if not self._leaving:
                self._load(_WARM_UP)(_WARM_UP, report)
        except Cancelled:
            return
        except Exception:  # nobody asked for this; a request will meet the same error and tell it
            _log.exception("The default checkpoint could not be made ready")

    def _run(self, job: _Job) -> Body:
        def report(step: int, total: int, partial: Motion | None = None) -> None:
            with self._lock:
                if not self._runs(job):
                    raise Cancelled
                self.send(messages.Progress(job.id, step, total, job.eta_s(step, total), partial))

        try:
            return self._load(job.request)(job.request, report)
        except Cancelled:
            return messages.Cancelled()
        except InputError as error:
            return messages.Failed(str(error), messages.INVALID_PARAMS)
        except Exception as error:  # whatever a model can raise ends this request only, never the process
            _log.exception("Request %r failed", job.id)
            first_line = next(iter(str(error).splitlines()), "no details")
            return messages.Failed(f"The generation failed ({type(error).__name__}: {first_line[:300]}).")
