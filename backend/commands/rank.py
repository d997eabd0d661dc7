"""`rank`: how well clips fit a prompt, the best first."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from common.errors import InputError
from common.files import replace_file
from common.wire import requests

from . import editing, options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `rank`."""
    editing.add_prompt(parser)
    parser.add_argument("clips", nargs="+", type=Path, metavar="CLIP", help="clip files, .npz or .bvh")
    parser.add_argument(
        "--seed", type=options.number, default=0, help="of the noise that clips are judged in (default 0)"
    )
    parser.add_argument("--checkpoint", metavar="NAME|DIR", help="which checkpoint judges")
    parser.add_argument("--out", type=Path, metavar="FILE.json", help="the scores as JSON as well")
    options.add_device(parser)


def run(arguments: argparse.Namespace) -> int:
    """Prints a score and a file a line; the file for the scores is checked before anything heavy is loaded."""
    out = arguments.out
    if out is not None and (out.suffix.lower() != ".json" or not out.parent.is_dir()):
        raise InputError("--out", str(out), "a name that ends in .json, in a folder that exists")
    clips = tuple(editing.load(path) for path in arguments.clips)
    request = requests.Rank(arguments.prompt, clips, checkpoint=arguments.checkpoint, seed=arguments.seed)
    found = sorted(zip(editing.scores(arguments, request), arguments.clips, strict=True), reverse=True)
    for score, path in found:
        print(f"{score:+.4f}  {path}")
    if out is not None:
        rows = [{"clip": str(path), "score": score} for score, path in found]
        replace_file(out, (json.dumps({"prompt": request.prompt, "ranking": rows}, indent=1) + "\n").encode())
    return 0
