"""The real `backend serve` around a generator without torch, as a child process for tests."""

from __future__ import annotations

import os
import time

import numpy as np

from backend import loading, operations
from backend.__main__ import leave, main
from backend.serve import Cancelled
from common.errors import InputError
from common.motion.motion import Motion
from common.wire import messages

STEP_S = 0.01


def motion(seconds: float, **meta: object) -> Motion:
    """The rest pose for that long."""
    frames = round(seconds * 20)
    rotations = np.zeros((frames, 22, 4), np.float32)
    rotations[..., 0] = 1
    root = np.zeros((frames, 3), np.float32)
    return Motion(rotations, root, np.ones((frames, 4), np.float32), 20.0, meta)


class FakePipeline:
    """Steps of 10 ms; some prompts misbehave."""

    def generate(self, request: messages.Generate, on_step) -> list[Motion]:
        total = request.steps or 4
        for step in range(total):
            on_step(step, total)
            time.sleep(STEP_S)
        if request.prompt == "break":
            raise RuntimeError("the matrix is singular\nand more lines")
        if request.prompt == "print":
            print("a library says hello", flush=True)
            os.write(1, b"and writes to descriptor 1\n")
        if request.prompt == "stop by itself":
            raise Cancelled
        seconds = 1.0 if request.seconds is None else request.seconds
        return [motion(seconds, seed=request.seed + index) for index in range(request.count)]


class FakeLoader:
    """Stands in for `backend.loading.Loader`."""

    def __init__(self, device: str, folders: object, engine: str = "auto") -> None:
        self.device, self.loaded = device, ("fake",)

    def __call__(self, request: messages.Generate) -> FakePipeline:
        if request.checkpoint not in (None, "fake"):
            raise InputError("checkpoint", request.checkpoint, "fake")
        return FakePipeline()


def fake_answer(pipeline: FakePipeline, request: messages.Generate, on_step) -> messages.Finished:
    return messages.Finished(tuple(pipeline.generate(request, on_step)))


if __name__ == "__main__":
    loading.Loader = FakeLoader
    operations.answer = fake_answer
    leave(main(["serve", "--device", "cpu"]))
