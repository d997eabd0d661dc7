"""Rules for values from outside: each makes a function (field, value) -> the sound value, or raises InputError."""

from __future__ import annotations

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


def number(low: float, high: float, *, none: str | None = None) -> Check:
    """A finite number from `low` to `high`, as float; also None (called `none` in the sentence) where that is named."""
    allowed = f"{none} or a number from {low:g} to {high:g}" if none else f"a number from {low:g} to {high:g}"

    def check(field: str, value: Any) -> float | None:
        if value is None and none:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise InputError(field, value, allowed)
        return float(value)

    return check


def integer(low: int, high: int, *, none: str | None = None) -> Check:
    """A whole number from `low` to `high`; also None where `none` names it."""
    allowed = f"{none} or a whole number from {low} to {high}" if none else f"a whole number from {low} to {high}"

    def check(field: str, value: Any) -> int | None:
        if value is None and none:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise InputError(field, value, allowed)
        return value

    return check


def one_of(choices: Sequence[str], *, none: str | None = None) -> Check:
    """One of a few words; also None where `none` names it."""
    words = ", ".join(choices)
    allowed = f"{none} or one of {words}" if none else f"one of {words}"

    def check(field: str, value: Any) -> str | None:
        if value is None and none:
            return None
        if not isinstance(value, str) or value not in choices:
            raise InputError(field, value, allowed)
        return value

    return check


def text(low: int, high: int, *, none: str | None = None) -> Check:
    """Text of `low` to `high` characters after stripping white space; also None where `none` names it."""
    allowed = f"{none} or text of {low} to {high} characters" if none else f"text of {low} to {high} characters"

    def check(field: str, value: Any) -> str | None:
        if value is None and none:
            return None
        if not isinstance(value, str) or not low <= len(value.strip()) <= high or not _encodable(value):
            raise InputError(field, value, allowed)
        return value.strip()

    return check


def _encodable(value: str) -> bool:
    """Whether text is free of lone surrogates, which JSON can spell and UTF-8 cannot."""
    return not any("\ud800" <= character <= "\udfff" for character in value)


def items(check_item: Check, high: int) -> Check:
    """A list or tuple of at most `high` items that each pass `check_item`, as a tuple."""

    def check(field: str, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple) or len(value) > high:
            raise InputError(field, value, f"a list of at most {high} items")
        return tuple(check_item(f"{field}[{index}]", item) for index, item in enumerate(value))

    return check


def instance(kind: type) -> Check:
    """An object of one class."""

    def check(field: str, value: Any) -> Any:
        if not isinstance(value, kind):
            raise InputError(field, value, f"a {kind.__name__}")
        return value

    return check


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
