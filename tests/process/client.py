"""A client for tests: a real child process, its frames read by a thread so that no test can hang."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from pathlib import Path

from common.wire import frames, jsonrpc, messages

ROOT = Path(__file__).resolve().parents[2]
FAKE_SERVER = (str(Path(__file__).with_name("fake_server.py")),)
PATIENCE_S = 60.0


class Client:
    """Context manager around `python COMMAND`; leaves no process behind."""

    def __init__(self, *command: str, **environment: str) -> None:
        variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-B", *(command or FAKE_SERVER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=variables | environment | {"PYTHONPATH": str(ROOT)},
        )
        self.answers: dict[messages.Id, type[messages.Checked]] = {}
        self.arrived: queue.Queue[jsonrpc.Message | None] = queue.Queue()
        self.log = bytearray()
        self.threads = [threading.Thread(target=self._read), threading.Thread(target=self._drain)]
        for thread in self.threads:
            thread.start()

    def _read(self) -> None:
        while (payload := frames.read_frame(self.process.stdout)) is not None:
            self.arrived.put(jsonrpc.parse(payload, self.answers))
        self.arrived.put(None)

    def _drain(self) -> None:
        for line in self.process.stderr:
            self.log += line

    def send(self, body: messages.Body, id: messages.Id | None = None) -> None:
        if isinstance(body, messages.Call):
            self.answers.setdefault(id, body.answer)
        frames.write_frame(self.process.stdin, jsonrpc.dump(body, id))

    def send_raw(self, data: bytes) -> None:
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def receive(self) -> jsonrpc.Message | None:
        """The next message; None when the server has closed its side."""
        return self.arrived.get(timeout=PATIENCE_S)

    def until(self, *kinds: type) -> list[jsonrpc.Message]:
        """Messages up to and including the first of one of these kinds."""
        got = []
        while True:
            message = self.receive()
            assert message is not None, f"the server left; its log: {self.log.decode()}"
            got.append(message)
            if isinstance(message.body, kinds):
                return got
            assert not isinstance(message.body, messages.Failed), message.body.message

    def rest(self) -> list[jsonrpc.Message]:
        """Closes stdin and returns all that still comes."""
        self.process.stdin.close()
        got = []
        while (message := self.receive()) is not None:
            got.append(message)
        return got

    def start(self) -> messages.Initialized:
        self.send(messages.Initialize(client="test"), "start")
        return self.until(messages.Initialized)[-1].body

    def wait(self) -> int:
        return self.process.wait(PATIENCE_S)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        for thread in self.threads:
            thread.join(PATIENCE_S)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()


def endings(received: list[jsonrpc.Message]) -> list[messages.Id | None]:
    """The ids of all endings, in order."""
    return [message.id for message in received if isinstance(message.body, messages.ENDINGS)]
