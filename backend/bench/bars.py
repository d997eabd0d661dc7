"""The figures that the project holds itself to: a clip, the first clip of a process, a minute, eight seeds, a range, memory."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from backend.generate import Pipeline
from backend.operations import answer
from common.wire.requests import Edit, Finished, Generate, Request

from .bundled import clip_maker, peak_memory_mib
from .edits import minute
from .times import timed

SECONDS = 9.8
SEEDS = 8
RANGE = (70, 130)
"""Frames of 196 that are made anew."""
_ONE_DRAFT = 1


def measure(pipeline: Pipeline, repeat: int, arguments: list[str]) -> dict[str, Any]:
    """Medians in seconds (`_s`) and mebibytes (`_mib`), one draft a clip; `arguments` choose the engine of the first clip's process."""
    clip = Generate("a person walks forward", SECONDS, effort=_ONE_DRAFT)
    source = _made(pipeline, clip).motions[0]
    edit = Edit(source, "a person jumps", *RANGE, effort=_ONE_DRAFT)
    jobs: dict[str, Callable[[int], object]] = {
        "clip_s": clip_maker(pipeline, clip),
        "minute_s": lambda index: _made(pipeline, minute(index, effort=_ONE_DRAFT)),
        "eight_seeds_s": lambda index: _made(pipeline, Generate(clip.prompt, SECONDS, SEEDS, effort=_ONE_DRAFT)),
        "range_s": lambda index: _made(pipeline, edit),
    }
    figures: dict[str, Any] = {"engine": pipeline.networks.name}
    for name, job in jobs.items():
        job(0)
        figures[name] = statistics.median(timed(job, repeat))
    figures["first_clip_s"] = statistics.median(timed(lambda index: _first(arguments), repeat))
    return figures | {"memory_mib": peak_memory_mib()}


def _made(pipeline: Pipeline, request: Request) -> Finished:
    ending = answer(pipeline, request, lambda step, total, partial=None: None)
    assert isinstance(ending, Finished)
    return ending


def _first(arguments: list[str]) -> None:
    """A process from its start until its clip is written and it has gone."""
    with tempfile.TemporaryDirectory() as place:
        command = [
            sys.executable,
            "-B",
            "-m",
            "backend",
            "generate",
            "a person walks forward",
            "--effort",
            str(_ONE_DRAFT),
        ]
        command += ["--seconds", str(SECONDS), "--out", str(Path(place) / "clip.npz"), *arguments]
        root = Path(__file__).parents[2]
        subprocess.run(command, check=True, cwd=root, stdout=subprocess.DEVNULL)
