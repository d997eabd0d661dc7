"""Rules for values from outside: each is called with (field, value) and gives the sound value, or raises InputError."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any

from .errors import InputError

Check = Callable[[str, Any], Any]
_MAX_DEPTH = 8
_MAX_ITEMS = 10_000


class _Missing:
    def __repr__(self) -> str:
        return "missing"


MISSING = _Missing()
"""Stands for a field that is not there; an error shows it as `missing`."""


@dataclasses.dataclass(frozen=True)
class Rule:
    """A check that can say what it takes. allowed: as its sentences say it. none: what None is called, where None is allowed.

    accepts: whether a value is sound; made: what an accepted value becomes. low, high: the ends of a range of numbers.
    """

    allowed: str
    accepts: Callable[[Any], bool]
    made: Callable[[Any], Any] = lambda value: value
    none: str | None = None
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        if self.none:
            object.__setattr__(self, "allowed", f"{self.none} or {self.allowed}")

    def __call__(self, field: str, value: Any) -> Any:
        """The sound value; InputError if it is none."""
        if value is None and self.none:
            return None
        if not self.accepts(value):
            raise InputError(field, value, self.allowed)
        return self.made(value)


def number(low: float, high: float, *, none: str | None = None) -> Rule:
    """A finite number from `low` to `high`, as float; also None (called `none` in the sentence) where that is named."""

    def accepts(value: Any) -> bool:
        return not isinstance(value, bool) and isinstance(value, int | float) and low <= value <= high

    return Rule(f"a number from {low:g} to {high:g}", accepts, float, none, low, high)


def integer(low: int, high: int, *, none: str | None = None) -> Rule:
    """A whole number from `low` to `high`; also None where `none` names it."""

    def accepts(value: Any) -> bool:
        return not isinstance(value, bool) and isinstance(value, int) and low <= value <= high

    return Rule(f"a whole number from {low} to {high}", accepts, none=none, low=low, high=high)


def one_of(choices: Sequence[str], *, none: str | None = None) -> Rule:
    """One of a few words; also None where `none` names it."""
    return Rule(f"one of {', '.join(choices)}", lambda value: isinstance(value, str) and value in choices, none=none)


def text(low: int, high: int, *, none: str | None = None) -> Rule:
    """Text of `low` to `high` characters after stripping white space; also None where `none` names it."""

    def accepts(value: Any) -> bool:
        return isinstance(value, str) and low <= len(value.strip()) <= high and _encodable(value)

    return Rule(f"text of {low} to {high} characters", accepts, str.strip, none)


def _encodable(value: str) -> bool:
    """Whether text is free of lone surrogates, which JSON can spell and UTF-8 cannot."""
    return not any("\ud800" <= character <= "\udfff" for character in value)


def items(check_item: Check, high: int, low: int = 0) -> Check:
    """A list or tuple of `low` to `high` items that each pass `check_item`, as a tuple."""
    allowed = f"a list of {low} to {high} items" if low else f"a list of at most {high} items"

    def check(field: str, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple) or not low <= len(value) <= high:
            raise InputError(field, value, allowed)
        return tuple(check_item(f"{field}[{index}]", item) for index, item in enumerate(value))

    return check


def instance(kind: type) -> Rule:
    """An object of one class."""
    return Rule(f"a {kind.__name__}", lambda value: isinstance(value, kind))


def json_object(field: str, value: Any) -> dict[str, Any]:
    """A JSON object of any content: finite numbers, at most 8 levels and 10,000 values."""
    if not isinstance(value, dict):
        raise InputError(field, value, "an object")
    level: list[Any] = [value]
    count = 0
    for _ in range(_MAX_DEPTH):
        count += len(level)
        for item in level:
            if isinstance(item, float) and not math.isfinite(item):
                raise InputError(field, item, "finite numbers")
            if isinstance(item, dict) and not all(isinstance(key, str) for key in item):
                raise InputError(field, list(item), "text as the names of values")
            if not (item is None or isinstance(item, bool | int | float | str | list | tuple | dict)):
                raise InputError(field, item, "JSON values")
        children = [list(i.values()) if isinstance(i, dict) else i for i in level if isinstance(i, dict | list | tuple)]
        level = [item for child in children for item in child]
        if not level:
            return value
        if count + len(level) > _MAX_ITEMS:
            raise InputError(field, f"{count + len(level)} values", f"at most {_MAX_ITEMS}")
    raise InputError(field, "nested too deeply", f"at most {_MAX_DEPTH} levels")
