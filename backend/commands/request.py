"""A command for each request of the wire, made from its fields: `python -m backend loop "a person runs" --seconds 2 --out run.npz`.

A required clip, prompt or list of them is a positional argument, every other field a flag; a clip is a file, a frame the seconds of
its clip. Help, limits and defaults are the fields' own. Engines are imported inside `run` only.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from backend.device import CHOICES, ENGINES
from common.errors import InputError
from common.files import replace_file
from common.motion import clip_file, verdict
from common.motion.motion import Motion
from common.wire.requests import Finished, Ranked, Request

_FOR_A_CLIENT = ("preview",)
"""Fields that only somebody who listens on the wire has a use for."""
SAMPLING = tuple(each.name for each in dataclasses.fields(Request) if each.name not in _FOR_A_CLIENT)
"""The fields that every request has on its command line."""


def add_arguments(parser: argparse.ArgumentParser, kind: type[Request]) -> None:
    """The options of one request, of the device, and of the file to write."""
    own = [each for each in dataclasses.fields(kind) if each.name not in (*SAMPLING, *_FOR_A_CLIENT)]
    add_fields(parser, own)
    add_sampling(parser)
    if kind.answer is Ranked:
        parser.add_argument("--out", type=Path, metavar="FILE.json", help="the scores as JSON as well")
    else:
        several = "; several are numbered" if "count" in (each.name for each in own) else ""
        parser.add_argument(
            "--out", type=Path, required=True, metavar="FILE.npz|.bvh", help=f"the clip to write{several}"
        )


def add_sampling(parser: argparse.ArgumentParser) -> None:
    """`--device`, `--engine`, `--weights`, and the options that every request has."""
    add_fields(parser, [each for each in dataclasses.fields(Request) if each.name in SAMPLING])
    add_device(parser)


def add_device(parser: argparse.ArgumentParser) -> None:
    """`--device`, `--engine` and `--weights`: where and by what to compute, and where else to look for checkpoints."""
    parser.add_argument(
        "--device", choices=CHOICES, default="auto", help="auto is CUDA where there is one, else the CPU"
    )
    parser.add_argument(
        "--engine",
        choices=ENGINES,
        default="auto",
        help="auto is onnx where the checkpoint has graphs and the device is cpu",
    )
    parser.add_argument(
        "--weights", type=Path, action="append", default=[], metavar="DIR", help="one more folder of checkpoints"
    )


def add_fields(parser: argparse.ArgumentParser, found: Iterable[dataclasses.Field[Any]]) -> None:
    """An argument for each field of a request."""
    for each in found:
        kind, required = each.metadata["kind"], each.default is dataclasses.MISSING
        flag, about = f"--{each.name.replace('_', '-')}", each.metadata["about"]
        if isinstance(each.default, bool):
            parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=each.default, help=about)
            continue
        default = "" if required or each.default in (None, ()) else f" (default {each.default})"
        options: dict[str, Any] = {
            "metavar": f"{each.name.upper()}" if not kind.metavar else kind.metavar,
            "help": f"{about}: {kind.spelled or kind.allowed}{default}".replace("%", "%%"),
        }
        if kind.many:
            options["nargs"] = "+"
        if required and kind.positional:
            parser.add_argument(each.name, **options)
        else:
            parser.add_argument(flag, required=required, **options)


def build(arguments: argparse.Namespace, kind: type[Request]) -> Request:
    """The request that the arguments spell; InputError, before anything heavy is loaded, if it is not allowed."""
    made: dict[str, Any] = {}
    for each in sorted(dataclasses.fields(kind), key=lambda each: each.name in SAMPLING):
        given = getattr(arguments, each.name, None)
        if isinstance(given, bool):
            made[each.name] = given
        elif given is not None:
            words = given if isinstance(given, list) else [given]
            made[each.name] = each.metadata["kind"].spell(each.name, words, made)
    return kind(**made)


def sampling(arguments: argparse.Namespace) -> dict[str, Any]:
    """The fields of `Request` that the options fill."""
    found = build(arguments, Request)
    return {name: getattr(found, name) for name in SAMPLING}


def run(arguments: argparse.Namespace, kind: type[Request]) -> int:
    """Answers the request and writes what comes of it; the file's name is checked before anything heavy is loaded."""
    request = build(arguments, kind)
    if kind.answer is Ranked:
        _check_out(arguments.out, (".json",))
    else:
        paths = out_paths(arguments.out, getattr(request, "count", 1))
    from backend.loading import Loader

    pipeline = Loader(arguments.device, arguments.weights, arguments.engine)(request)
    from backend.operations import answer  # after the loader, which says it in a sentence where an engine is missing

    begun = time.perf_counter()
    ending = answer(pipeline, request, _quiet)
    seconds = time.perf_counter() - begun
    if isinstance(ending, Ranked):
        _rank(arguments, ending.scores)
        return 0
    _write(paths, ending)
    print(f"made in {seconds:.2f} s")
    return 0


def out_paths(out: Path, count: int) -> list[Path]:
    """The file of each clip; InputError if the ending is unknown or the folder is not there."""
    _check_out(out, clip_file.ENDINGS)
    if count == 1:
        return [out]
    return [out.with_name(f"{out.stem}_{index}{out.suffix}") for index in range(1, count + 1)]


def _check_out(out: Path | None, endings: tuple[str, ...]) -> None:
    if out is None:
        return
    if out.suffix.lower() not in endings:
        raise InputError("--out", str(out), f"a name that ends in {' or '.join(endings)}")
    if not out.parent.is_dir():
        raise InputError("--out", str(out), "a file in a folder that exists")


def _quiet(step: int, total: int, partial: Motion | None = None) -> None:
    """Nobody watches the steps of a command."""


def _write(paths: list[Path], ending: Finished) -> None:
    for path, motion in zip(paths, ending.motions, strict=True):
        clip_file.save(path, motion)
        print(f"{path}: {motion.seconds:.1f} s, {motion.frames} frames")
        if sentence := verdict.said(motion.meta):
            print(sentence)
        for fact in _facts(motion):
            print(fact)


def _rank(arguments: argparse.Namespace, scores: tuple[float, ...]) -> None:
    found = sorted(zip(scores, arguments.clips, strict=True), reverse=True)
    for score, path in found:
        print(f"{score:+.4f}  {path}")
    if arguments.out is not None:
        rows = [{"clip": path, "score": score} for score, path in found]
        content = json.dumps({"prompt": arguments.prompt, "ranking": rows}, indent=1) + "\n"
        replace_file(arguments.out, content.encode())


def _facts(motion: Motion) -> list[str]:
    """What an edit says about itself, a line a fact."""
    settings = motion.meta.get("settings")
    edits = settings.get("edits", ()) if isinstance(settings, dict) else ()
    shown = []
    for name, value in edits[-1].items() if edits else ():
        if name == "seams":
            shown += [
                f"seam at frame {seam['frame']}: position {seam['position']:.2f}, velocity {seam['velocity']:.2f} frame steps"
                for seam in value
            ]
        elif name not in ("operation", "prompt", "seed"):
            shown.append(f"{name}: {value:.3g}" if isinstance(value, float) else f"{name}: {value}")
    return shown
