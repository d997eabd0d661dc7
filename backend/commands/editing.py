"""What the commands that edit clips share: clip files in, one request, the clip out, its facts in a line each."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from common.errors import InputError
from common.motion import clip_file
from common.motion.motion import Motion
from common.wire import requests
from common.wire.messages import Ranked

from . import options
from .generate import out_paths


def add_clip(parser: argparse.ArgumentParser, name: str, help: str) -> None:
    """A clip file as an argument."""
    parser.add_argument(name, type=Path, metavar=f"{name.upper()}.npz|.bvh", help=help)


def add_prompt(parser: argparse.ArgumentParser) -> None:
    """The words."""
    parser.add_argument("prompt", help="what the person does, in English")


def add_out(parser: argparse.ArgumentParser) -> None:
    """How to sample, where to compute, and the file to write."""
    options.add_sampling(parser)
    options.add_device(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.npz|.bvh", help="the clip to write")


def drawing(arguments: argparse.Namespace) -> dict[str, Any]:
    """The fields of `requests.Drawing` that the options fill."""
    return {name: getattr(arguments, name) for name in options.SAMPLING}


def load(path: Path) -> Motion:
    """The clip of a file; InputError if it is none."""
    return clip_file.load(path)


def run(arguments: argparse.Namespace, request: requests.Drawing) -> int:
    """Answers the request and writes its clip; the name of the file is checked before anything heavy is loaded."""
    (path,) = out_paths(arguments.out, 1)
    motion, seconds = _answered(arguments, request)
    clip_file.save(path, motion.check())
    print(f"{path}: {motion.seconds:.1f} s, {motion.frames} frames")
    for fact in _facts(motion):
        print(fact)
    print(f"edited in {seconds:.2f} s")
    return 0


def scores(arguments: argparse.Namespace, request: requests.Rank) -> tuple[float, ...]:
    """The scores of a ranking."""
    from backend.answer import answer
    from backend.loading import Loader

    ending = answer(Loader(arguments.device, arguments.weights)(request), request, _quiet)
    assert isinstance(ending, Ranked)
    return ending.scores


def frame(clip: Motion, seconds: object, field: str) -> int:
    """The frame of a time (s) in a clip; InputError if it is no number or outside."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0.0 <= seconds <= clip.seconds:
        raise InputError(field, seconds, f"a number from 0 to {clip.seconds:g}, the clip's seconds")
    return round(seconds * clip.fps)


def _answered(arguments: argparse.Namespace, request: requests.Drawing) -> tuple[Motion, float]:
    from backend.answer import answer
    from backend.loading import Loader

    pipeline = Loader(arguments.device, arguments.weights)(request)
    begun = time.perf_counter()
    ending = answer(pipeline, request, _quiet)
    assert not isinstance(ending, Ranked)
    return ending.motions[0], time.perf_counter() - begun


def _quiet(step: int, total: int, partial: Motion | None = None) -> None:
    """Nobody watches the steps of a command."""


def _facts(motion: Motion) -> list[str]:
    """What the edit says about itself, a line a fact."""
    settings = motion.meta.get("settings")
    edits = settings.get("edits", ()) if isinstance(settings, dict) else ()
    if not edits:
        return []
    shown = []
    for name, value in edits[-1].items():
        if name == "seams":
            shown += [
                f"seam at frame {seam['frame']}: position {seam['position']:.2f}, velocity {seam['velocity']:.2f} frame steps"
                for seam in value
            ]
        elif name not in ("operation", "prompt", "seed"):
            shown.append(f"{name}: {value:.3g}" if isinstance(value, float) else f"{name}: {value}")
    return shown
