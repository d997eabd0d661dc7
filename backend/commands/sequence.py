"""`sequence`: several prompts one after another as one continuous clip."""

from __future__ import annotations

import argparse

from common.wire import requests

from . import editing, options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `sequence`."""
    parser.add_argument(
        "strips", nargs="+", metavar="PROMPT[:SECONDS]", help='for instance "walk forward:3" "sit down"'
    )
    editing.add_out(parser)


def strip(text: str) -> requests.Strip:
    """The strip of `PROMPT` or `PROMPT:SECONDS`; a colon that no number follows belongs to the prompt."""
    prompt, colon, seconds = text.rpartition(":")
    length = options.number(seconds.strip()) if colon else None
    if isinstance(length, int | float):
        return requests.Strip(prompt, length)
    return requests.Strip(text)


def run(arguments: argparse.Namespace) -> int:
    """Makes the sequence and writes it."""
    request = requests.Sequence(tuple(map(strip, arguments.strips)), **editing.drawing(arguments))
    return editing.run(arguments, request)
