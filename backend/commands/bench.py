"""`bench`: how long loading, the first and the following generations take, and what they cost."""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import json
import statistics
import sys
import time
from typing import Any

from contract import checks, messages

from . import options

_PROMPT = "a person walks forward, turns around and waves"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `bench`."""
    parser.add_argument(
        "--seconds", type=options.number, default=9.8, metavar="S", help="length of the clip (default 9.8)"
    )
    parser.add_argument("--repeat", type=options.number, default=5, metavar="N", help="warm generations (default 5)")
    parser.add_argument("--prompt", default=_PROMPT)
    parser.add_argument("--json", action="store_true", help="print JSON instead of lines")
    options.add_sampling(parser)
    options.add_device(parser)


def run(arguments: argparse.Namespace) -> int:
    """Measures in this process and prints the figures."""
    names = ("prompt", "seconds", *options.SAMPLING)
    request = messages.Generate(**{name: getattr(arguments, name) for name in names})
    repeat = checks.integer(1, 1000)("--repeat", arguments.repeat)
    figures = measure(request, repeat, arguments)
    if arguments.json:
        print(json.dumps(figures, indent=2))
    else:
        for name, value in figures.items():
            print(f"{name:20} {value}")
    return 0


def measure(request: messages.Generate, repeat: int, arguments: argparse.Namespace) -> dict[str, Any]:
    """Seconds (`_s`), counts and mebibytes (`_mib`) of one process: start, load, first and `repeat` warm generations.

    Every generation has a prompt and a seed of its own, so that no cache of text states flatters it.
    """
    started = time.perf_counter()
    import torch

    importlib.import_module("backend.generate")
    from backend.loading import Loader

    imported = time.perf_counter()
    generator: Any = Loader(arguments.device, arguments.weights)(request)
    loaded = time.perf_counter()
    times, stages = [], []
    for index in range(repeat + 1):
        one = dataclasses.replace(request, prompt=f"{request.prompt}, {index}", seed=request.seed + index)
        before = time.perf_counter()
        generator.generate(one, lambda step, total: None)
        times.append(time.perf_counter() - before)
        stages.append(dict(generator.timings))
    figures = {
        "device": str(generator.device),
        "threads": torch.get_num_threads(),
        "clip_s": request.seconds,
        "import_s": imported - started,
        "load_s": loaded - imported,
        "first_s": times[0],
        "start_to_first_s": imported - started + loaded - imported + times[0],
        "warm_median_s": statistics.median(times[1:]),
        "warm_min_s": min(times[1:]),
        "warm_s": times[1:],
    }
    medians = {f"{name}_s": statistics.median(row[name] for row in stages[1:]) for name in stages[0]}
    figures |= medians | {
        "parameters": generator.networks.parameters,
        "flop": generator.flops(request.seconds),
        "peak_memory_mib": peak_memory_mib(),
    }
    return {name: _rounded(value) for name, value in figures.items()}


def _rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return round(value, 4) if isinstance(value, float) else value


def peak_memory_mib() -> float | None:
    """The most memory this process has had resident, in MiB; None where the system does not tell (Windows)."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
