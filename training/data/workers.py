"""A function over many items, in this process or spread over several; the results come in the items' order."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_CHUNK = 8
_adopted: list[Callable[[Any], Any]] = []


def mapped(function: Callable[[Item], Result], items: Iterable[Item], workers: int) -> Iterator[Result]:
    """function(item) for each item; with `workers` above 1, in that many processes, each of which gets `function` once."""
    if workers <= 1:
        yield from map(function, items)
        return
    context = multiprocessing.get_context("spawn")  # fork would copy torch's threads half alive
    with ProcessPoolExecutor(workers, context, initializer=_adopt, initargs=(function,)) as pool:
        yield from pool.map(_call, items, chunksize=_CHUNK)


def _adopt(function: Callable[[Any], Any]) -> None:
    _adopted.append(function)


def _call(item: Item) -> Any:
    return _adopted[-1](item)
