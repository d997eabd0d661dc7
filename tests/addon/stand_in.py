"""A stand-in for `python -m backend serve`: needs no torch, and misbehaves on request. Run as `stand_in.py BEHAVIOUR`."""

import os
import queue
import signal
import sys
import threading
import time

import numpy as np

from contract import frames, jsonrpc, messages, quaternions
from contract.motion import Motion
from contract.skeleton import HIP_HEIGHT, INDEX, JOINTS, forward_kinematics

FPS = 20.0
WIRE = os.fdopen(os.dup(1), "wb")
INBOX = queue.SimpleQueue()


def swinging(request):
    """A figure that walks along +Z with one arm swinging."""
    count = round((request.seconds or 2.0) * FPS)
    rotations = quaternions.identity(count, len(JOINTS))
    angle = 0.8 * np.sin(np.arange(count) / 4.0 + request.seed)
    rotations[:, INDEX["left_shoulder"]] = quaternions.about((1.0, 0.0, 0.0), angle)
    root = np.column_stack([np.zeros(count), np.full(count, HIP_HEIGHT), np.arange(count) * 0.05])
    return Motion(
        positions=forward_kinematics(rotations, root).astype(np.float32),
        rotations=rotations.astype(np.float32),
        root=root.astype(np.float32),
        contacts=np.zeros((count, 4), np.float32),
        fps=FPS,
        meta={"prompt": request.prompt, "seed": request.seed, "checkpoint": "tiny", "sha256": "0" * 64},
    )


def send(body, id=None):
    frames.write_frame(WIRE, jsonrpc.dump(body, id))


def read():
    while (payload := frames.read_frame(sys.stdin.buffer)) is not None:
        INBOX.put(jsonrpc.parse(payload))
    INBOX.put(None)


def greet(id, behaviour):
    if behaviour == "wrong_protocol":
        payload = jsonrpc.dump(messages.Initialized("9", "cpu", (), ()), id).replace(b'"protocol":1', b'"protocol":99')
        frames.write_frame(WIRE, payload)
        return
    info = messages.CheckpointInfo("tiny", "Tiny", "CC0-1.0", 1, "0" * 64, 20.0, 3.0, 8)
    send(messages.Initialized("0.1.0", f"cpu of {os.getpid()}", (info,), ()), id)


def generate(message, behaviour):
    send(messages.Accepted(message.id))
    if behaviour == "dies":
        print("a library's last words", file=sys.stderr, flush=True)
        os._exit(3)
    if behaviour == "half_frame":
        WIRE.write(b"Content-Length: 1000\r\n\r\n{")
        WIRE.flush()
        os._exit(0)
    if behaviour == "rubbish":
        WIRE.write(b"Loading model... 100%\n")
        WIRE.flush()
    if behaviour in ("hangs", "stubborn"):
        time.sleep(60)
    steps = 60 if behaviour == "slow" else 4
    for step in range(steps):
        send(messages.Progress(message.id, step, steps, 1.0))
        time.sleep(0.02)
        if not INBOX.empty() and isinstance(INBOX.get().body, messages.Cancel):
            send(messages.Cancelled(), message.id)
            return
    if behaviour == "refuses":
        send(messages.Failed("checkpoint is 'x', expected one of tiny.", jsonrpc.INVALID_PARAMS), message.id)
        return
    for _ in range(2 if behaviour == "ends_twice" else 1):
        send(messages.Finished((swinging(message.body),)), message.id)


def main(behaviour):
    if behaviour == "dies_at_start":
        sys.exit("ModuleNotFoundError: No module named 'torch'")
    if behaviour == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if behaviour == "floods":
        os.write(2, b"warning: the same again\n" * 250_000)
    threading.Thread(target=read, daemon=True).start()
    while (message := INBOX.get()) is not None:
        if isinstance(message.body, messages.Initialize):
            greet(message.id, behaviour)
        elif isinstance(message.body, messages.Generate):
            generate(message, behaviour)
        elif isinstance(message.body, messages.Shutdown):
            send(messages.Done(), message.id)
            os._exit(0)  # the reader still waits in stdin, and an orderly exit would abort over its lock


if __name__ == "__main__":
    main(sys.argv[1])
