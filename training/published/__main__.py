"""`python -m training.published COMMAND FLAGS`."""

from __future__ import annotations

import sys

from common.errors import InputError
from training.engine.command import guarded

from .lines import parsed


def main(words: list[str]) -> None:
    """Run a published command; what is wrong with it is one sentence."""
    command, arguments = (words[0], words[1:]) if words else ("", [])
    try:
        line, settings = parsed(command, arguments)
    except InputError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
    guarded(line.main, settings)


if __name__ == "__main__":
    main(sys.argv[1:])
