"""`loop`: a clip whose end meets its beginning."""

from __future__ import annotations

import argparse

from common.wire import requests

from . import editing, options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `loop`."""
    editing.add_prompt(parser)
    parser.add_argument(
        "--seconds", type=options.seconds, default=None, metavar="S|auto", help="the period (default: what closes best)"
    )
    parser.add_argument("--travel", action="store_true", help="it goes on over the ground instead of staying in place")
    editing.add_out(parser)


def run(arguments: argparse.Namespace) -> int:
    """Makes one period and writes it."""
    request = requests.Loop(
        arguments.prompt, arguments.seconds, travel=arguments.travel, **editing.drawing(arguments)
    )  # fmt: skip
    return editing.run(arguments, request)
