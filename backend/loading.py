"""From a request to the loaded pipeline that can answer it; each checkpoint is verified and loaded once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from backend import device as devices
from backend.weights import locate
from contract import checks
from contract.messages import Generate
from contract.motion import Motion

OnStep = Callable[[int, int], None]


class Generator(Protocol):
    """What the server and the commands need of a pipeline."""

    def generate(self, request: Generate, on_step: OnStep) -> list[Motion]:
        """`request.count` clips; calls `on_step(step, total)` before each sampling step, which may raise Cancelled."""


class Loader:
    """Pipelines by checkpoint, kept for the life of the process."""

    def __init__(self, device: str = "auto", folders: Sequence[Path] = ()) -> None:
        """`device` as in `backend.device`; `folders` are searched before all others."""
        self.device = devices.choose(device)
        self.folders = tuple(folders)
        self._found: dict[str | None, locate.Checkpoint] = {}
        self._loaded: dict[Path, Generator] = {}

    def __call__(self, request: Generate) -> Generator:
        """The pipeline of the request's checkpoint.

        InputError if there is no such checkpoint, its weights are damaged, or the clip is longer than it can make.
        """
        checkpoint = self._checkpoint(request.checkpoint)
        checks.number(1.0, checkpoint.info.max_seconds, none="auto")("seconds", request.seconds)
        folder = checkpoint.folder.resolve()
        if folder not in self._loaded:
            from backend.generate import Pipeline

            self._loaded[folder] = Pipeline.load(folder, self.device)
        return self._loaded[folder]

    def _checkpoint(self, name: str | None) -> locate.Checkpoint:
        if name not in self._found:
            self._found[name] = locate.find(name, self.folders)
        return self._found[name]
