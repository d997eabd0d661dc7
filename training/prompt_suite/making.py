"""Clips of the suite's prompts from a checkpoint, made as the product makes them and kept, so that a second run only judges."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np

import backend
import common
from backend.generate import Pipeline
from common.files import replace_file
from common.wire.requests import Generate

from .signals import Array


@dataclasses.dataclass(frozen=True)
class Clip:
    """joints: [frame, 22, 3] m; verdict: what the product itself said of it, `{"met": bool or None, "missing": [...]}`, or None."""

    joints: Array
    seed: int
    verdict: dict[str, object] | None = None


@dataclasses.dataclass(frozen=True)
class Asking:
    """How a prompt is asked for: seeds `seed ... seed + seeds - 1`, `effort` drafts for each."""

    seeds: int
    seed: int
    seconds: float | None
    effort: int

    def request(self, prompt: str) -> Generate:
        """The request of the product; InputError if it cannot be."""
        return Generate(prompt=prompt, seconds=self.seconds, seed=self.seed, count=self.seeds, effort=self.effort)


def code_hash() -> str:
    """Hash of the sources that decide what a request gives."""
    digest = hashlib.sha256()
    for package in (backend, common):
        for path in sorted(Path(package.__path__[0]).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


class Maker:
    """Makes the clips of prompts, or reads those that a run with the same weights, request and code has kept in `folder`."""

    def __init__(self, pipeline: Pipeline, asked: Asking, folder: Path | None) -> None:
        self.pipeline, self.asked, self.folder = pipeline, asked, folder
        files = pipeline.networks.config["files"]
        self._same = json.dumps([files, dataclasses.asdict(asked), code_hash()], sort_keys=True)
        self.seconds, self.made = 0.0, 0

    def clips(self, prompt: str) -> list[Clip]:
        """One clip a seed."""
        path = self._path(prompt)
        if path is not None and path.is_file():
            return _read(path)
        motions = self.pipeline.generate(self.asked.request(prompt), lambda step, total: None)
        self.seconds, self.made = self.seconds + sum(self.pipeline.timings.values()), self.made + len(motions)
        clips = [
            Clip(np.asarray(motion.positions), self.asked.seed + row, _verdict(motion.meta))
            for row, motion in enumerate(motions)
        ]
        if path is not None:
            _write(path, clips)
        return clips

    def _path(self, prompt: str) -> Path | None:
        if self.folder is None:
            return None
        key = hashlib.sha256(f"{self._same}\n{prompt}".encode()).hexdigest()[:24]
        return self.folder / f"{key}.npz"


def _verdict(meta: dict[str, object]) -> dict[str, object] | None:
    found = meta.get("verdict")
    return found if isinstance(found, dict) and found.get("met", "") in (True, False, None) else None


def _write(path: Path, clips: list[Clip]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    said = json.dumps([[clip.seed, clip.verdict] for clip in clips])
    file = io.BytesIO()
    arrays: dict[str, Any] = {f"joints{row}": clip.joints.astype(np.float32) for row, clip in enumerate(clips)}
    np.savez_compressed(file, said=np.array(said), **arrays)
    replace_file(path, file.getvalue())


def _read(path: Path) -> list[Clip]:
    with np.load(path, allow_pickle=False) as kept:
        said = json.loads(str(kept["said"]))
        return [Clip(kept[f"joints{row}"], seed, verdict) for row, (seed, verdict) in enumerate(said)]
