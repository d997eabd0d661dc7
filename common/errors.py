"""One kind of error for everything a person can get wrong."""

from __future__ import annotations

_SHOWN = 60


class InputError(ValueError):
    """A value from outside was refused: one sentence that names the field, the value and what is allowed."""

    def __init__(self, field: str, value: object, allowed: str) -> None:
        self.field, self.value, self.allowed = field, value, allowed
        super().__init__(f"{field} is {shown(value)}, expected {allowed}.")


def shown(value: object) -> str:
    """`repr` of a value, cut to a length that fits a panel."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(text)} characters)"
