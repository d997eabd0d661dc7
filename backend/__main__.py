"""`python -m backend serve | generate | edit | ... | doctor | bench`: parse, run, and tell people what went wrong in one sentence."""

from __future__ import annotations

import argparse
import contextlib
import functools
import os
import re
import sys
import traceback
from collections.abc import Sequence
from typing import Any, NoReturn

from backend.commands import batch, bench, doctor, request, serve
from common import VERSION
from common.errors import InputError
from common.wire.requests import motion_requests

_COMMANDS = {"batch": batch, "serve": serve, "doctor": doctor, "bench": bench}
"""What is no request of the wire."""
_NEGATIVE_POINT = re.compile(r"-[\d.][^\s,]*,[^\s,]+$")
_BAD_INPUT, _BROKEN, _INTERRUPTED = 2, 1, 130


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One sentence instead of the whole usage."""
        self.exit(_BAD_INPUT, f"{message[:1].upper()}{message[1:]}; see {self.prog} --help.\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command: 0 if it worked, 2 if the input was at fault, 1 if something else was."""
    options = _parser().parse_args(_with_negative_points(sys.argv[1:] if arguments is None else arguments))
    # OpenMP's threads spin while they wait, which costs a clip 8 times its time when other programs use the same cores
    # (2.3 s instead of .3 s beside two busy processes on two cores). It has to be said before torch is imported.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        return int(options.run(options))
    except InputError as error:
        return _tell(str(error), _BAD_INPUT, options.debug)
    except KeyboardInterrupt:
        return _tell("Interrupted.", _INTERRUPTED, options.debug)
    except Exception as error:  # the last border before a person: a sentence, the trace on request
        sentence = " ".join(str(error).split()) or type(error).__name__
        return _tell(f"{options.command} failed: {sentence[:500]}", _BROKEN, options.debug)


def _with_negative_points(arguments: Sequence[str]) -> list[str]:
    """The arguments with a space before points such as -1,2, which argparse would take for options."""
    return [f" {word}" if _NEGATIVE_POINT.match(word) else word for word in arguments]


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m backend", description="IsoDiM: text to human motion.", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=VERSION)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, kind in motion_requests().items():
        command = _command(commands, name, (kind.__doc__ or "").splitlines()[0])
        request.add_arguments(command, kind)
        command.set_defaults(run=functools.partial(request.run, kind=kind))
    for name, module in _COMMANDS.items():
        command = _command(commands, name, (module.__doc__ or "").splitlines()[0].partition(": ")[2])
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    return parser


def _command(commands: Any, name: str, summary: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=summary, description=summary, allow_abbrev=False)
    command.add_argument("--debug", action="store_true", help="show the trace of an error")
    return command


def _tell(sentence: str, status: int, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    print(sentence, file=sys.stderr)
    return status


def leave(status: int) -> NoReturn:
    """Ends the process at once: a worker that is still inside torch must not be torn down with the interpreter."""
    with contextlib.suppress(OSError):  # whoever read our output may have left before
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    leave(main())
