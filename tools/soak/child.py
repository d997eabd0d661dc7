"""A quick stand-in for `python -m backend serve` that does to each request what the first word of its prompt says.

Run as `child.py MARK`; the mark shows whose child it is.
"""

import os
import queue
import signal
import sys
import threading
import time

import numpy as np

from common.motion import quaternions
from common.motion.motion import Motion
from common.motion.skeleton import HIP_HEIGHT, JOINTS
from common.wire import frames, jsonrpc, messages, requests

WIRE = os.fdopen(os.dup(1), "wb")
INBOX: queue.SimpleQueue[jsonrpc.Message] = queue.SimpleQueue()
FRAMES = 20


def standing() -> Motion:
    """A second of a figure that stands."""
    rotations = quaternions.identity(FRAMES, len(JOINTS)).astype(np.float32)
    root = np.tile(np.array([0.0, HIP_HEIGHT, 0.0], np.float32), (FRAMES, 1))
    meta = {"prompt": "stands", "seed": 0, "checkpoint": "tiny", "sha256": "0" * 64}
    return Motion(rotations, root, np.zeros((FRAMES, 4), np.float32), 20.0, meta)


CLIP = standing()


def send(body: messages.Body, id: messages.Id | None = None) -> None:
    frames.write_frame(WIRE, jsonrpc.dump(body, id))


def raw(data: bytes) -> None:
    WIRE.write(data)
    WIRE.flush()


def read() -> None:
    while (payload := frames.read_frame(sys.stdin.buffer)) is not None:
        INBOX.put(jsonrpc.parse(payload))
    os._exit(0)  # as the real one: whoever started this has left


def cancelled(id: messages.Id, wait_s: float) -> bool:
    """Whether a Cancel of this request comes within that time; what belongs to earlier ones is dropped."""
    deadline = time.monotonic() + wait_s
    while (rest := deadline - time.monotonic()) > 0:
        try:
            message = INBOX.get(timeout=rest)
        except queue.Empty:
            return False
        if isinstance(message.body, messages.Cancel) and message.body.id == id:
            return True
    return False


def generate(id: messages.Id, request: messages.Generate) -> None:
    behaviour = request.prompt.split()[0]
    send(messages.Accepted(id))
    send(messages.Progress(id, 0, 2, 0.1))
    if behaviour == "dies":
        os._exit(3)
    if behaviour == "halves":
        raw(b"Content-Length: 1000\r\n\r\n{")
        os._exit(0)
    if behaviour == "babbles":
        raw(b"Loading model... 100%\n")
    if behaviour == "closes":
        os.close(WIRE.fileno())
        time.sleep(60)
    if behaviour == "hangs":
        time.sleep(60)
    if behaviour == "ignores":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(60)
    if behaviour == "refuses":
        send(messages.Failed("checkpoint is 'x', expected tiny.", messages.INVALID_PARAMS), id)
        return
    if cancelled(id, 0.2 if behaviour == "dawdles" else 0.001):
        send(messages.Cancelled(), id)
        return
    for _ in range(2 if behaviour == "repeats" else 1):
        send(messages.Progress(id, 1, 2, 0.0, CLIP if behaviour == "previews" else None))
        send(messages.Finished((CLIP,)), id)


def main() -> None:
    threading.Thread(target=read, daemon=True).start()
    while True:
        message = INBOX.get()
        match message.body:
            case messages.Initialize():
                info = messages.CheckpointInfo("tiny", "Tiny", "CC0-1.0", 1, "0" * 64, 20.0)
                send(messages.Initialized("0.1.0", "cpu", (info,), ("usage", *requests.motion_requests())), message.id)
            case messages.Generate() if message.id is not None:
                generate(message.id, message.body)
            case messages.GetUsage():
                send(messages.Usage("cpu", 10**8, None, ("tiny",)), message.id)
            case messages.Shutdown():
                send(messages.Done(), message.id)
                os._exit(0)


if __name__ == "__main__":
    main()
