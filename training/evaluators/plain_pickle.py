"""Strings and numbers of a pickle file, read without unpickling: nothing in the file is run.

The GloVe words that published evaluators need come as two pickles, a list of words and a dict from word to row.
"""

from __future__ import annotations

import pickletools
from pathlib import Path
from typing import Any

from common.errors import InputError

_CONTAINERS = {"EMPTY_LIST", "EMPTY_DICT", "LIST", "DICT", "MARK", "APPEND", "APPENDS", "SETITEM", "SETITEMS"}
_FRAMING = {"PROTO", "FRAME", "STOP"}
_VALUES = {"UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "INT", "BININT", "BININT1", "BININT2", "LONG1"}
_PUTS, _GETS = {"PUT", "BINPUT", "LONG_BINPUT"}, {"GET", "BINGET", "LONG_BINGET"}


def plain_values(path: Path) -> list[str | int]:
    """All strings and integers of a pickled list or dict in the file's order; InputError when it holds anything else."""
    found: list[str | int] = []
    memo: dict[Any, str | int | None] = {}
    last: str | int | None = None
    try:
        for code, argument, _ in pickletools.genops(path.read_bytes()):
            if code.name in _VALUES or code.name in _GETS:
                last = memo[argument] if code.name in _GETS else argument
                if last is not None:
                    found.append(last)
            elif code.name in _PUTS:
                memo[argument] = last
            elif code.name == "MEMOIZE":
                memo[len(memo)] = last
            elif code.name in _CONTAINERS:
                last = None
            elif code.name not in _FRAMING:
                raise InputError(path.name, code.name, "a pickle of nothing but strings and integers")
    except (OSError, KeyError) as error:
        raise InputError("words of GloVe", str(path), f"a readable file ({error})") from error
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError("words of GloVe", str(path), f"a pickle ({error})") from error
    return found
