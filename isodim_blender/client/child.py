"""The backend as a child process: started, written to, read from and ended here; no bpy.

Three threads keep the caller from ever blocking: one writes requests, one cuts frames for `Child.receive`, one drains
stderr into the log. The last event of every child is one `Lost`.

Threads only move bytes: frames are parsed by whoever takes them, since Blender may touch Python objects at any time.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import os
import queue
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

from ...common.errors import InputError
from ...common.wire import frames, jsonrpc, messages
from . import gpu, own_python
from .log import Log

ASK_S, TERMINATE_S = 2.0, 2.0
BYTECODE = "bytecode"
"""The folder beside the log in which Python keeps what it has compiled of the backend."""
_JOIN_S = 1.0
_CHUNK_BYTES = 64 * 1024
_KILLED = (-9, -15)  # SIGKILL and SIGTERM, which Windows has no names for
_GARBLED = "The backend did not keep to the protocol: {}"


@dataclasses.dataclass(frozen=True)
class Lost:
    """The child is gone or cannot be understood any more: one sentence why."""

    reason: str


def command(python: str, weights: str, bytecode: Path) -> list[str]:
    """The backend's command line; an environment that was made for a GPU computes there. bytecode: see `own_python.switches`."""
    device = gpu.device_of(python)
    options = [*(["--weights", weights] if weights else []), *(["--device", device] if device else [])]
    return [python, *own_python.switches(python, bytecode), "-m", "backend", "serve", *options]


def clean_environment(root: Path, python: str = "") -> dict[str, str]:
    """This process's environment without Blender's PYTHON* variables and with `root` as the only import path.

    Where `python` is Blender's own, the extension's wheels are on it too.
    """
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("PYTHON")}
    return kept | {"PYTHONPATH": own_python.import_path(python, root)}


class Child:
    """One running backend. `initialized` is what it said of itself, None until it has."""

    def __init__(self, python: str, root: Path, log: Path, weights: str = "") -> None:
        """Starts `python -m backend serve` from the extension folder `root`; InputError if the program does not start.

        `weights` is one more folder of checkpoints, empty for none. Both are remembered as they were given.
        """
        self.python, self.weights = python, weights
        self._inbox: queue.SimpleQueue[bytes | Lost] = queue.SimpleQueue()
        self._garbled = ""
        self.initialized: messages.Initialized | None = None
        self._introduction: int | None = None
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._log = Log(log)
        self._ending = threading.Lock()
        self._last_id = 0
        self._answers: dict[messages.Id, type[messages.Checked]] = {}
        self._broken = False
        try:
            self._process = subprocess.Popen(
                command(python, weights, log.with_name(BYTECODE)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=log.parent,
                env=clean_environment(root, python),
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise InputError(
                "Backend Python", python, f"a Python that starts (here: {error.strerror or error})"
            ) from None
        # Typed as what a pipe of bytes is: typeshed knows only that Popen may have none.
        self._stdin = cast(BinaryIO, self._process.stdin)
        self._stdout = cast(BinaryIO, self._process.stdout)
        self._stderr = cast(io.BufferedReader, self._process.stderr)
        self._threads = [self._thread(run) for run in (self._write, self._read, self._drain)]
        for thread in reversed(self._threads):  # the reader of a child that ends at once already waits for the last
            thread.start()

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def usable(self) -> bool:
        """Whether the child still runs and is understood."""
        return not self._broken and self._process.poll() is None

    def request(self, body: messages.Call) -> int:
        """Sends a request and gives its id; never blocks."""
        self._last_id += 1
        self._answers[self._last_id] = body.answer
        self._outbox.put(jsonrpc.dump(body, self._last_id))
        return self._last_id

    def introduce(self) -> int:
        """The id of the introduction, which is sent when this is first called; the child loads its checkpoint from then on."""
        if self._introduction is None:
            self._introduction = self.request(messages.Initialize(client="IsoDiM for Blender"))
        return self._introduction

    def receive(self) -> jsonrpc.Message | Lost:
        """What the child said next; queue.Empty if it said nothing. After what is no message only its `Lost` comes."""
        while True:
            heard = self._inbox.get_nowait()
            if isinstance(heard, Lost):
                return Lost(self._garbled) if self._garbled else heard
            if self._garbled:
                continue
            try:
                return jsonrpc.parse(heard, self._answers)
            except InputError as error:
                self._garbled = _GARBLED.format(error)
                self._broken = True
                self._process.kill()

    def notify(self, body: messages.Body) -> None:
        """Sends a notification; never blocks."""
        self._outbox.put(jsonrpc.dump(body))

    def end(self) -> None:
        """Asks the child to leave, then terminates, then kills it; returns when it is gone, after about 4 s at worst."""
        with self._ending:
            if self._process.poll() is None:
                if self.usable:
                    self.request(messages.Shutdown())
                self._outbox.put(None)
                self._leave()
            self._outbox.put(None)
        for thread in self._threads:
            thread.join(_JOIN_S)

    def end_in_background(self) -> None:
        """`end` without waiting for it; no request reaches the child any more."""
        self._broken = True
        threading.Thread(target=self.end, name="isodim end").start()

    def _leave(self) -> None:
        for wait_s, push in ((ASK_S, self._process.terminate), (TERMINATE_S, self._process.kill)):
            try:
                self._process.wait(wait_s)
                return
            except subprocess.TimeoutExpired:
                push()
        self._process.wait()

    @staticmethod
    def _thread(run: Callable[[], None]) -> threading.Thread:
        return threading.Thread(target=run, name=f"isodim {run.__name__}", daemon=True)

    def _write(self) -> None:
        # A broken pipe is not reported here: the reader sees the same end and says why.
        with contextlib.suppress(OSError), self._stdin as stream:
            while (payload := self._outbox.get()) is not None:
                frames.write_frame(stream, payload)

    def _read(self) -> None:
        with self._stdout as stream:
            try:
                while (payload := frames.read_frame(stream)) is not None:
                    self._inbox.put(payload)
            except InputError as error:
                self._broken = True
                self._process.kill()
                self._inbox.put(Lost(_GARBLED.format(error)))
                return
        self._inbox.put(Lost(self._epitaph()))

    def _drain(self) -> None:
        with self._stderr as stream:
            while chunk := stream.read1(_CHUNK_BYTES):
                self._log.write(chunk)

    def _epitaph(self) -> str:
        self._broken = True
        try:
            code = self._process.wait(TERMINATE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return "The backend closed its output while it was still running; it was stopped."
        self._threads[-1].join(_JOIN_S)
        last = self._log.last_line()
        if code in _KILLED:
            return f"The backend was ended from outside (exit code {code}), for instance because memory ran out."
        return f"The backend stopped by itself (exit code {code})" + (f": {last}" if last else ".")
