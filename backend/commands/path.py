"""`path`: a clip whose way over the ground follows points."""

from __future__ import annotations

import argparse

from common.errors import InputError
from common.wire import requests

from . import editing, options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `path`."""
    editing.add_prompt(parser)
    parser.add_argument(
        "--points",
        nargs="+",
        required=True,
        metavar="X,Z",
        help="where the way leads, in metres",
    )
    parser.add_argument(
        "--seconds", type=options.seconds, default=None, metavar="S|auto", help="for the whole way (default: own speed)"
    )
    editing.add_out(parser)


def point(text: str) -> tuple[float, float]:
    """A point `x,z`; InputError if it is none."""
    try:
        x, z = map(float, text.split(","))
    except ValueError:
        raise InputError("--points", text, "pairs of numbers x,z in metres, such as 0,0 0,2") from None
    return x, z


def run(arguments: argparse.Namespace) -> int:
    """Walks along the points and writes."""
    points = tuple(map(point, " ".join(arguments.points).split()))
    request = requests.Path(arguments.prompt, points, arguments.seconds, **editing.drawing(arguments))
    return editing.run(arguments, request)
