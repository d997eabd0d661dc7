"""A run that is cut off."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from training.engine.loop import Loop


@contextlib.contextmanager
def interrupted(step: int) -> Iterator[None]:
    """Training in here is interrupted, as by Ctrl-C, before the update that would follow `step`."""
    update = Loop._update

    def cut(self: Loop) -> dict:
        if self.step == step:
            raise KeyboardInterrupt
        return update(self)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Loop, "_update", cut)
        yield
