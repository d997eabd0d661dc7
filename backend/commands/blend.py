"""`blend`: a clip between two, mixed in code space."""

from __future__ import annotations

import argparse

from common.wire import requests

from . import editing, options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `blend`."""
    editing.add_clip(parser, "first", "the clip at amount 0")
    editing.add_clip(parser, "second", "the clip at amount 1")
    parser.add_argument("--amount", type=options.number, required=True, metavar="0..1", help="how much of the second")
    editing.add_out(parser)


def run(arguments: argparse.Namespace) -> int:
    """Blends and writes."""
    first, second = editing.load(arguments.first), editing.load(arguments.second)
    return editing.run(arguments, requests.Blend(first, second, arguments.amount, **editing.drawing(arguments)))
