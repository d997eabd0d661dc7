"""The loaded checkpoint: start, load, first and warm generations, by stage, and the memory they take."""

from __future__ import annotations

import dataclasses
import importlib
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common.wire.messages import Generate

from .times import timed

if TYPE_CHECKING:
    from backend.generate import Pipeline


def load(device: str, folders: list[Path], request: Generate, engine: str = "auto") -> tuple[Pipeline, dict[str, Any]]:
    """The pipeline of the request's checkpoint; seconds that importing and loading took."""
    started = time.perf_counter()
    importlib.import_module("backend.generate")
    from backend.loading import Loader

    imported = time.perf_counter()
    pipeline: Any = Loader(device, folders, engine)(request)
    return pipeline, {"import_s": imported - started, "load_s": time.perf_counter() - imported}


def clip_maker(pipeline: Pipeline, request: Generate) -> Callable[[int], object]:
    """Makes one clip a call; each has a prompt and a seed of its own, so that no cache of text states flatters it."""

    def make(index: int) -> object:
        prompt = f"{request.prompt}, {index}"
        one = dataclasses.replace(request, prompt=prompt, seed=request.seed + index)
        return pipeline.generate(one, lambda step, total: None)

    return make


def measure(pipeline: Pipeline, request: Generate, repeat: int) -> dict[str, Any]:
    """Seconds (`_s`), counts and mebibytes (`_mib`) of the first and `repeat` warm generations."""
    make, stages = clip_maker(pipeline, request), []

    def work(index: int) -> None:
        make(index)
        stages.append(dict(pipeline.timings))

    times = timed(work, repeat + 1)
    medians = {f"{name}_s": statistics.median(row[name] for row in stages[1:]) for name in stages[0]}
    return {
        "engine": pipeline.networks.name,
        "device": pipeline.networks.device,
        "length_s": request.seconds,
        "first_s": times[0],
        "warm_median_s": statistics.median(times[1:]),
        "warm_min_s": min(times[1:]),
        "warm_max_s": max(times[1:]),
        "warm_s": times[1:],
        **medians,
        "parameters": pipeline.networks.parameters,
        "peak_memory_mib": peak_memory_mib(),
    }


def peak_memory_mib() -> float | None:
    """The most memory this process has had resident, in MiB; None where the system does not tell (Windows)."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
