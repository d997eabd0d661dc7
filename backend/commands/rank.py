"""`rank`: how well clips fit a prompt, the best first."""

from __future__ import annotations

import argparse
from pathlib import Path

from contract import requests

from . import editing, options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `rank`."""
    editing.add_prompt(parser)
    parser.add_argument("clips", nargs="+", type=Path, metavar="CLIP", help="clip files, .npz or .bvh")
    parser.add_argument("--checkpoint", metavar="NAME|DIR", help="which checkpoint judges")
    options.add_device(parser)


def run(arguments: argparse.Namespace) -> int:
    """Prints a score and a file a line."""
    clips = tuple(editing.load(path) for path in arguments.clips)
    scores = editing.scores(arguments, requests.Rank(arguments.prompt, clips, checkpoint=arguments.checkpoint))
    for score, path in sorted(zip(scores, arguments.clips, strict=True), reverse=True, key=lambda pair: pair[0]):
        print(f"{score:+.4f}  {path}")
    return 0
