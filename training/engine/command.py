"""How every training command ends when a person got something wrong: one sentence and exit status 2, no trace."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

import tyro

from common.errors import InputError

from .devices import leave

Settings = TypeVar("Settings")


def run(main: Callable[[Settings], None], kind: type[Settings], description: str | None) -> None:
    """Parse the command line as `kind` and hand it to `main`."""
    settings = tyro.cli(kind, description=description, use_underscores=True)
    try:
        main(settings)
    except InputError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
    finally:
        leave()
