"""How every training command ends when a person got something wrong or the machine gave out: one sentence and exit status 2, no trace."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NoReturn, TypeVar

import torch
import tyro

from common.errors import InputError

from .devices import leave

Settings = TypeVar("Settings")


def run(main: Callable[[Settings], None], kind: type[Settings], description: str | None) -> None:
    """Parse the command line as `kind` and hand it to `main`."""
    guarded(main, tyro.cli(kind, description=description, use_underscores=True))


def guarded(main: Callable[[Settings], None], settings: Settings) -> None:
    """`main(settings)`, whatever goes wrong told in one sentence."""
    try:
        main(settings)
    except (InputError, FloatingPointError) as error:
        _end(str(error), 2)
    except torch.OutOfMemoryError as error:
        _end(
            f"memory is too small, expected a smaller --batch_size or more --accumulate ({str(error).splitlines()[0]}).",
            2,
        )
    except OSError as error:
        _end(f"{error.filename or 'file'} cannot be read or written: {error.strerror or error}.", 2)
    except KeyboardInterrupt:
        _end("Interrupted. A training run goes on from its newest state with --is_continue.", 130)
    finally:
        leave()


def _end(sentence: str, status: int) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise SystemExit(status) from None
