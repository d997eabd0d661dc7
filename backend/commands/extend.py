"""`extend`: a clip goes on, or begins earlier."""

from __future__ import annotations

import argparse

from common.wire import requests

from . import editing, options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `extend`."""
    editing.add_clip(parser, "clip", "the clip to extend")
    editing.add_prompt(parser)
    parser.add_argument("--seconds", type=options.number, required=True, metavar="S", help="length of the new motion")
    parser.add_argument("--before", action="store_true", help="before the first frame instead of after the last")
    editing.add_out(parser)


def run(arguments: argparse.Namespace) -> int:
    """Extends and writes."""
    request = requests.Extend(
        editing.load(arguments.clip),
        arguments.prompt,
        arguments.seconds,
        before=arguments.before,
        **editing.drawing(arguments),
    )
    return editing.run(arguments, request)
