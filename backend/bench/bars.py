"""The figures that the project holds itself to: a clip, the first clip of a process, a minute, eight seeds, a range, memory."""

from __future__ import annotations

import os
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
    """Medians in seconds (`_s`), one draft a clip, and the most memory of this process in megabytes (`_mb`).

    `arguments` choose the engine of the first clip's process.
    """
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
    figures["first_clip_s"] = statistics.median(_first_clips(repeat, arguments))
    memory = peak_memory_mib()
    return figures | {"memory_mb": None if memory is None else memory * 2**20 / 1e6}


def _made(pipeline: Pipeline, request: Request) -> Finished:
    ending = answer(pipeline, request, lambda step, total, partial=None: None)
    assert isinstance(ending, Finished)
    return ending


def _first_clips(repeat: int, arguments: list[str]) -> list[float]:
    """Seconds of processes from their start until their clip is written and they have gone.

    As the extension starts one: what Python has compiled is kept from the first, which is not counted.
    """
    with tempfile.TemporaryDirectory() as place:
        command = [sys.executable, "-X", f"pycache_prefix={Path(place) / 'bytecode'}", "-m", "backend", "generate"]
        command += ["a person walks forward", "--effort", str(_ONE_DRAFT), "--seconds", str(SECONDS)]
        command += ["--out", str(Path(place) / "clip.npz"), *arguments]
        root = Path(__file__).parents[2]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}

        def start(index: int) -> None:
            subprocess.run(command, check=True, cwd=root, stdout=subprocess.DEVNULL, env=kept)

        return timed(start, 1 + repeat)[1:]
