"""`edit`: a range of a clip anew from words; outside nothing changes."""

from __future__ import annotations

import argparse

from common.wire import requests

from . import editing, options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `edit`."""
    editing.add_clip(parser, "clip", "the clip to edit")
    editing.add_prompt(parser)
    parser.add_argument("--start", type=options.number, required=True, metavar="S", help="where the range begins")
    parser.add_argument("--end", type=options.number, required=True, metavar="S", help="where it ends")
    parser.add_argument(
        "--joints", default="all", metavar="|".join(requests.PARTS), help="the part of the body (default all)"
    )
    parser.add_argument(
        "--follow", action="store_true", help="the rest follows from where the new motion ends, instead of staying"
    )
    editing.add_out(parser)


def run(arguments: argparse.Namespace) -> int:
    """Edits and writes."""
    clip = editing.load(arguments.clip)
    request = requests.Edit(
        clip,
        arguments.prompt,
        editing.frame(clip, arguments.start, "--start"),
        editing.frame(clip, arguments.end, "--end"),
        arrive=not arguments.follow,
        part=arguments.joints,
        **editing.drawing(arguments),
    )
    return editing.run(arguments, request)
