"""`batch`: a list of prompts to clip files; what is there already is skipped, so an interrupted run goes on."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from common.errors import InputError
from common.motion import clip_file
from common.motion.motion import Motion
from common.wire import batch, messages

from . import request as requests

Make = Callable[[messages.Generate], list[Motion]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `batch`."""
    parser.add_argument(
        "list",
        type=Path,
        metavar="LIST",
        help=f".csv with the columns {', '.join(batch.COLUMNS)}; else a prompt a line",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder of the clips")
    parser.add_argument("--format", choices=("npz", "bvh"), default="npz", help="default npz")
    requests.add_sampling(parser)


def run(arguments: argparse.Namespace) -> int:
    """Makes what is missing: 0 if the whole list is there then, 1 if rows failed; they are named at the end."""
    listing = batch.read(arguments.list)
    drawing = requests.sampling(arguments)
    messages.Generate(prompt="a person stands", **drawing)
    ledger = batch.Ledger(arguments.out)
    from backend.loading import Loader

    loader = Loader(arguments.device, arguments.weights, arguments.engine)

    def make(request: messages.Generate) -> list[Motion]:
        return loader(request).generate(request, lambda step, total: None)

    jobs = missing(listing.rows, drawing, ledger, arguments.format)
    print(f"{len(listing.rows) - len(jobs)} of {len(listing.rows)} rows are there already")
    if jobs:
        loader(messages.Generate(prompt="a person stands", **drawing))  # a checkpoint that is not there ends it here
    problems = [*listing.problems, *work(jobs, make, ledger, arguments.format, arguments.list.name)]
    if problems:
        print("\n".join([f"{len(problems)} rows failed:", *problems]), file=sys.stderr)
    return 1 if problems else 0


Job = tuple[batch.Row, messages.Generate, str]
"""A row, its request, and the fingerprint of its settings."""


def missing(rows: tuple[batch.Row, ...], drawing: dict[str, object], ledger: batch.Ledger, ending: str) -> list[Job]:
    """The rows of which a clip is not there, or was made with other settings."""
    found = []
    for row in rows:
        request = row.request(drawing)
        mark = batch.fingerprint(request)
        if not all(ledger.has(f"{name}.{ending}", mark) for name in row.clips):
            found.append((row, request, mark))
    return found


def work(jobs: list[Job], make: Make, ledger: batch.Ledger, ending: str, file: str) -> list[str]:
    """Makes and writes clips row by row; a sentence for each row that failed."""
    problems = []
    started = time.perf_counter()
    for done, (row, request, mark) in enumerate(jobs, 1):
        try:
            for name, motion in zip(row.clips, make(request), strict=True):
                clip_file.save(ledger.folder / f"{name}.{ending}", motion.check())
                ledger.note(f"{name}.{ending}", mark)
            said = ", ".join(f"{name}.{ending}" for name in row.clips)
        except InputError as error:
            problems.append(f"{file}, line {row.line}: {error}")
            said = str(error)
        except Exception as error:  # whatever a model can raise ends this row only, never the night
            problems.append(f"{file}, line {row.line}: {type(error).__name__}: {' '.join(str(error).split())[:300]}")
            said = problems[-1]
        left = batch.eta_s(time.perf_counter() - started, done, len(jobs))
        print(f"{done} of {len(jobs)}, {left:.0f} s left: {said}", flush=True)
    return problems
