"""`bench`: how long clips and edits take and what they cost; the bundled checkpoint, MARDM beside it, a CUDA device."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
from typing import Any

from backend.device import torch_is_installed
from common import checks
from common.wire import messages
from common.wire.fields import number_of

from . import request as requests

_PROMPT = "a person walks forward, turns around and waves"
_BASELINE = "MARDM-SiT-XL-Fast"
"""Of the published widths, with a fixed number of steps: how many an adaptive solver takes follows from weights, and these are random."""
PARTS = ("bundled", "bars", "edits", "mardm", "cuda")
_NEED_TORCH = ("mardm", "cuda")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `bench`."""
    parser.add_argument("--seconds", type=number_of, default=9.8, metavar="S", help="length of the clip (default 9.8)")
    parser.add_argument("--repeat", type=number_of, default=5, metavar="N", help="warm generations (default 5)")
    parser.add_argument(
        "--only", choices=PARTS, action="append", help="this part alone, may be repeated (default: all of them)"
    )
    parser.add_argument(
        "--baseline", default=_BASELINE, metavar="MODEL", help=f"the MARDM to compare with (default {_BASELINE})"
    )
    parser.add_argument(
        "--published-repeat", type=number_of, default=1, metavar="N",
        help="generations with the published sampler, of a minute or more each (default 1)",
    )  # fmt: skip
    parser.add_argument("--prompt", default=_PROMPT)
    parser.add_argument(
        "--threads",
        type=number_of,
        metavar="N",
        help="threads to compute with (default: all that there are, at most four)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of lines")
    requests.add_sampling(parser)


def run(arguments: argparse.Namespace) -> int:
    """Measures in this process and prints the figures."""
    request = messages.Generate(arguments.prompt, arguments.seconds, **requests.sampling(arguments))
    for name in ("repeat", "published_repeat"):
        setattr(arguments, name, checks.integer(1, 1000)(f"--{name.replace('_', '-')}", getattr(arguments, name)))
    if (
        arguments.threads is not None
    ):  # both engines read it when they are imported, and a process of our own inherits it
        os.environ["OMP_NUM_THREADS"] = str(checks.integer(1, 256)("--threads", arguments.threads))
    figures = measure(request, arguments)
    if arguments.json:
        print(json.dumps(figures, indent=2))
    return 0


def measure(request: messages.Generate, arguments: argparse.Namespace) -> dict[str, Any]:
    """Figures of each part, printed part by part unless JSON is asked for: the baseline takes minutes."""
    from backend.bench import bundled

    show = (lambda text: None) if arguments.json else (lambda text: print(text, flush=True))
    parts = tuple(arguments.only or PARTS)
    if not torch_is_installed():
        parts = tuple(part for part in parts if part not in _NEED_TORCH)
        show(f"Left out, because torch is not installed: {', '.join(_NEED_TORCH)}.")
    pipeline, figures = bundled.load(arguments.device, arguments.weights, request, arguments.engine)
    # before torch is imported to count operations, and before more drafts are made: memory is of what ships
    if "bars" in parts:
        from backend.bench import bars

        chosen = ["--engine", arguments.engine, "--device", arguments.device]
        chosen += [word for folder in arguments.weights for word in ("--weights", str(folder.resolve()))]
        chosen += ["--checkpoint", request.checkpoint] if request.checkpoint else []
        figures |= bars.measure(pipeline, arguments.repeat, chosen)
    if "bundled" in parts or "mardm" in parts:
        figures |= bundled.measure(pipeline, request, arguments.repeat)
        figures["start_to_first_s"] = sum(figures[name] for name in ("import_s", "load_s", "first_s"))
        if torch_is_installed():
            figures["flop"] = _flop(pipeline, request, arguments)
    show(_lines(figures))
    if "edits" in parts:
        from backend.bench import edits

        found = edits.measure(pipeline)
        figures["edits"] = [dataclasses.asdict(row) for row in found]
        show("\n" + edits.table(found))
    if "mardm" in parts:
        from backend.bench import baseline
        from backend.bench.times import Row, table

        own = Row(f"{pipeline.networks.config['name']} (bundled)", figures["warm_s"], figures["flop"])
        rows = baseline.rows(arguments.baseline, pipeline, request, arguments.repeat, arguments.published_repeat)
        figures["comparison"] = [dataclasses.asdict(row) for row in (own, *rows)]
        show("\n" + table([own, *rows]))
    if "cuda" in parts:
        from backend.bench import cuda

        reason = cuda.missing()
        found = {"cuda": reason} if reason else cuda.measure(pipeline, request.seconds or 9.8, arguments.repeat)
        figures |= found
        show("\n" + (reason or _lines(found)))
    return _rounded(figures)


def _flop(pipeline: Any, request: messages.Generate, arguments: argparse.Namespace) -> float:
    """Operations of the clip; torch counts them, so of its own engine."""
    from backend.bench import flops
    from backend.loading import Loader

    counted = pipeline
    if not pipeline.networks.name.startswith("torch"):
        counted = Loader(pipeline.networks.device, arguments.weights, "torch")(request)
    return flops.counted(counted, request.seconds or 9.8)


def _lines(figures: dict[str, Any]) -> str:
    return "\n".join(f"{name:20} {_rounded(value)}" for name, value in figures.items())


def _rounded(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    if isinstance(value, dict):
        return {name: _rounded(item) for name, item in value.items()}
    return round(value, 4) if isinstance(value, float) else value
