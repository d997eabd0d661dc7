"""Seeds that a person can read out and note; no bpy."""

from __future__ import annotations

import secrets
from collections.abc import Container

_LARGEST = 99_999
"""Five digits fit in a row of takes."""


def another(used: Container[object]) -> int:
    """A seed that nobody can guess, none of `used`."""
    while (seed := secrets.randbelow(_LARGEST + 1)) in used:
        pass
    return seed
