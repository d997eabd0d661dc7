"""`generate`: one prompt to clip files."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from common.errors import InputError
from common.motion import clip_file
from common.wire import messages

from . import options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `generate`."""
    parser.add_argument("prompt", help="what the person does, in English")
    parser.add_argument(
        "--seconds", type=options.seconds, default=None, metavar="S|auto", help="length of the clip (default auto)"
    )
    options.add_sampling(parser)
    options.add_device(parser)
    parser.add_argument(
        "--count", type=options.number, default=1, metavar="N", help="clips, with seeds counting up (default 1)"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE.npz|.bvh", help="with --count N: FILE_1 to FILE_N"
    )


def run(arguments: argparse.Namespace) -> int:
    """Generates and writes; every input is checked before anything heavy is loaded."""
    names = ("prompt", "seconds", "count", *options.SAMPLING)
    request = messages.Generate(**{name: getattr(arguments, name) for name in names})
    paths = out_paths(arguments.out, request.count)
    from backend.loading import Loader

    generator = Loader(arguments.device, arguments.weights)(request)
    started = time.perf_counter()
    motions = generator.generate(request, lambda step, total: None)
    seconds = time.perf_counter() - started
    for path, motion in zip(paths, motions, strict=True):
        clip_file.save(path, motion.check())
        print(f"{path}: {motion.seconds:.1f} s, {motion.frames} frames")
    print(f"generated in {seconds:.2f} s")
    return 0


def out_paths(out: Path, count: int) -> list[Path]:
    """The file of each clip; InputError if the ending is unknown or the folder is not there."""
    if out.suffix.lower() not in clip_file.ENDINGS:
        raise InputError("--out", str(out), f"a name that ends in {' or '.join(clip_file.ENDINGS)}")
    if not out.parent.is_dir():
        raise InputError("--out", str(out), "a file in a folder that exists")
    if count == 1:
        return [out]
    return [out.with_name(f"{out.stem}_{index}{out.suffix}") for index in range(1, count + 1)]
