"""A look at a clip while it is sampled: whoever watches is shown the data as predicted so far, all others cost nothing."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Callable, Iterator

import numpy as np

from backend.tokenizers.coder import Array

Look = Callable[[Callable[[], Array]], None]
"""Takes a function that makes the predicted latents [batch, token, d], from the clip's first token on; it may leave it alone."""

_look: contextvars.ContextVar[Look | None] = contextvars.ContextVar("look", default=None)


@contextlib.contextmanager
def watched_by(look: Look) -> Iterator[None]:
    """All samplings of this thread meanwhile are shown to `look`."""
    token = _look.set(look)
    try:
        yield
    finally:
        _look.reset(token)


@contextlib.contextmanager
def after(current: Array, tokens: int) -> Iterator[None]:
    """Samplings meanwhile are windows that follow the first `tokens` of `current` [1 or batch, token, d]."""
    outer = _look.get()
    if outer is None or tokens == 0:
        yield
        return

    def whole(make: Callable[[], Array]) -> Array:
        made = make()
        return np.concatenate(
            [np.broadcast_to(current[:, :tokens], (len(made), *current[:, :tokens].shape[1:])), made], axis=1
        )

    with watched_by(lambda make: outer(lambda: whole(make))):
        yield


def show(make: Callable[[], Array]) -> None:
    """Once a sampling step: `make` gives the predicted latents [batch, token, d] of the window that is sampled."""
    look = _look.get()
    if look is not None:
        look(make)
