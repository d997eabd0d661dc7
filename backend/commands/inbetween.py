"""`inbetween`: new motion between two clips or poses."""

from __future__ import annotations

import argparse

from common.wire import requests

from . import editing, options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `inbetween`."""
    editing.add_clip(parser, "first", "what comes before: a clip, or one frame")
    editing.add_clip(parser, "second", "what comes after")
    editing.add_prompt(parser)
    parser.add_argument("--seconds", type=options.number, required=True, metavar="S", help="length of the gap")
    parser.add_argument(
        "--follow", action="store_true", help="the second clip begins where the new motion ends, instead of staying"
    )
    editing.add_out(parser)


def run(arguments: argparse.Namespace) -> int:
    """Fills the gap and writes all three as one clip."""
    request = requests.InBetween(
        editing.load(arguments.first),
        editing.load(arguments.second),
        arguments.prompt,
        arguments.seconds,
        arrive=not arguments.follow,
        **editing.drawing(arguments),
    )
    return editing.run(arguments, request)
