"""From a request to the loaded pipeline that can answer it; each checkpoint is verified and loaded once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from backend import device as devices
from backend import memory
from backend.weights import locate
from common import checks
from common.wire.requests import Generate, Request

if TYPE_CHECKING:
    from backend.generate import Pipeline


class Loader:
    """Pipelines by checkpoint, kept for the life of the process."""

    def __init__(self, device: str = "auto", folders: Sequence[Path] = (), engine: str = "auto") -> None:
        """`device` as in `backend.device`, `engine` as in `backend.engines`; `folders` are searched before all others."""
        self.device, self.engine = devices.choose(device), engine
        self.folders = tuple(folders)
        self._found: dict[str | None, locate.Checkpoint] = {}
        self._loaded: dict[Path, Pipeline] = {}

    def __call__(self, request: Request) -> Pipeline:
        """The pipeline of the request's checkpoint.

        InputError if there is no such checkpoint, its weights are damaged, or the clip is longer than it can make.
        """
        checkpoint = self._checkpoint(request.checkpoint)
        if isinstance(request, Generate):
            checks.number(1.0, checkpoint.info.max_seconds, none="auto")("seconds", request.seconds)
        folder = checkpoint.folder.resolve()
        if folder not in self._loaded:
            from backend.generate import Pipeline  # only now: the engine takes a while

            self._loaded[folder] = Pipeline.load(folder, self.device, self.engine)
            memory.trim()
        return self._loaded[folder]

    @property
    def loaded(self) -> tuple[str, ...]:
        """The folders' names of the checkpoints that are in memory."""
        return tuple(folder.name for folder in list(self._loaded))

    def _checkpoint(self, name: str | None) -> locate.Checkpoint:
        if name not in self._found:
            self._found[name] = locate.find(name, self.folders)
        return self._found[name]
