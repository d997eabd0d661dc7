"""Damage to valid bytes: of their bits, of their blocks, of the values in their JSON."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Sequence
from typing import Any

NASTY: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63), 10**30, 1e308, float("nan"), float("inf"), 0.5, "", "a" * 3000,
    "\ud800", "\0", "../../etc/passwd", "/etc/passwd", "C:\\x", "$(touch x)", "AAAA", [], {}, [[[[[[[[[[]]]]]]]]]], [0] * 300,
    {"a": 1}, [None], "NaN", "auto", "__class__",
)  # fmt: skip
_BYTES = (
    b"\0",
    b"\xff",
    b"\r\n",
    b"{",
    b"[",
    b'"',
    b"-1",
    b"99999999999999999999",
    b"Content-Length: ",
    b"1e999",
    b"PK\x03\x04",
)
_LARGEST = 64 * 1024


def mutated(source: random.Random, seeds: Sequence[bytes]) -> bytes:
    """One of the seeds with one to eight changes; of ten, four are made inside of its JSON where it is JSON."""
    data = source.choice(seeds)
    if source.random() < 0.4:
        try:
            return _json(source, json.loads(data))
        except (ValueError, RecursionError):
            pass
    block = bytearray(data)
    for _ in range(source.choice((1, 1, 1, 2, 4, 8))):
        source.choice(_CHANGES)(source, block, seeds)
    return bytes(block[: max(_LARGEST, len(data))])


def _flip(source: random.Random, block: bytearray, seeds: Sequence[bytes]) -> None:
    if block:
        block[source.randrange(len(block))] ^= 1 << source.randrange(8)


def _insert(source: random.Random, block: bytearray, seeds: Sequence[bytes]) -> None:
    at = source.randint(0, len(block))
    block[at:at] = source.choice(_BYTES) * source.choice((1, 1, 2, 1000))


def _cut(source: random.Random, block: bytearray, seeds: Sequence[bytes]) -> None:
    start = source.randint(0, len(block))
    del block[start : start + source.choice((1, 4, 64, len(block)))]


def _repeat(source: random.Random, block: bytearray, seeds: Sequence[bytes]) -> None:
    start = source.randint(0, len(block))
    piece = block[start : start + source.choice((1, 8, 256))]
    block[start:start] = piece * source.choice((1, 2, 50))


def _splice(source: random.Random, block: bytearray, seeds: Sequence[bytes]) -> None:
    other = source.choice(seeds)
    start = source.randint(0, len(other))
    at = source.randint(0, len(block))
    block[at : at + source.choice((0, 64))] = other[start : start + source.choice((8, 512, len(other)))]


def _number(source: random.Random, block: bytearray, seeds: Sequence[bytes]) -> None:
    """Digits in text, or a little-endian number in binary parts such as headers and directories."""
    digits = [index for index, byte in enumerate(block) if 48 <= byte <= 57]
    if digits and source.random() < 0.5:
        at = source.choice(digits)
        block[at : at + 1] = source.choice((b"-", b"0", b"9" * 12, b"1e9", b"."))
    elif len(block) > 8:
        at, width = source.randrange(len(block) - 8), source.choice((2, 4, 8))
        block[at : at + width] = source.choice((0, 1, 255, 2 ** (8 * width) - 1, 2 ** (8 * width - 1))).to_bytes(
            width, "little"
        )


_CHANGES = (_flip, _insert, _cut, _repeat, _splice, _number, _number)


def _json(source: random.Random, value: Any) -> bytes:
    value = copy.deepcopy(value)
    for _ in range(source.choice((1, 1, 2, 4))):
        value = _changed(source, value)
    return json.dumps(value, ensure_ascii=True).encode()


def _changed(source: random.Random, value: Any) -> Any:
    """The value with something in it replaced, removed, doubled or added; the deeper, the more seldom."""
    if not isinstance(value, dict | list) or not value or source.random() < 0.15:
        return copy.deepcopy(source.choice(NASTY))
    key = source.choice(list(value) if isinstance(value, dict) else range(len(value)))
    action = source.random()
    if action < 0.1:
        del value[key]
    elif action >= 0.2:
        value[key] = _changed(source, value[key])
    elif isinstance(value, dict):
        value[source.choice(("x", "", "a" * 500, str(key) + " "))] = copy.deepcopy(source.choice(NASTY))
    else:
        value += [copy.deepcopy(value[key])] * source.choice((1, 200))
    return value
