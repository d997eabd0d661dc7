"""`serve`: the wire on stdin and stdout; the log on stderr."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from typing import BinaryIO

from common import VERSION
from common.wire import messages

from . import request as requests


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `serve`."""
    requests.add_device(parser)


def take_stdout() -> BinaryIO:
    """The real stdout for the wire alone: descriptor 1 becomes stderr, so that no library's print can reach the wire."""
    wire = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return wire


def run(arguments: argparse.Namespace) -> int:
    """Serves until the client leaves."""
    wire = take_stdout()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    from backend import memory
    from backend.loading import Loader
    from backend.operations import answer
    from backend.serve import CAPABILITIES, serve
    from backend.weights import locate

    loader = Loader(arguments.device, arguments.weights, arguments.engine)

    def about() -> messages.Initialized:
        found, wrong = locate.available(arguments.weights)
        for error in wrong:
            logging.getLogger(__name__).warning("%s", error)
        return messages.Initialized(VERSION, loader.device, tuple(one.info for one in found), CAPABILITIES)

    def measure() -> messages.Usage:
        return memory.measure(loader.device, loader.loaded)

    on_cpu = Loader("cpu", arguments.weights, arguments.engine)
    serve(sys.stdin.buffer, wire, memory.with_fallback(loader, on_cpu, answer), about, measure)
    return 0
