"""Batches as a pure function of (seed, step): drawn ahead in the background, cut into parts, moved to a device."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from torch import Tensor

Batch = TypeVar("Batch")
Draw = Callable[[np.random.Generator], Batch]
"""Makes the whole batch of one step on the CPU: tensors, arrays or lists with rows first, in dataclasses, tuples or dicts.

All randomness comes from the given generator (never torch's, which another thread seeds).
"""


def mapped(batch: Any, change: Callable[[Any], Any]) -> Any:
    """`batch` with every tensor, array and list in it replaced by `change` of it."""
    if isinstance(batch, Tensor | np.ndarray | list):
        return change(batch)
    if dataclasses.is_dataclass(batch) and not isinstance(batch, type):
        fields = dataclasses.fields(batch)
        return dataclasses.replace(batch, **{f.name: mapped(getattr(batch, f.name), change) for f in fields})
    if isinstance(batch, dict):
        return {key: mapped(value, change) for key, value in batch.items()}
    if isinstance(batch, tuple):
        return tuple(mapped(value, change) for value in batch)
    raise TypeError(
        f"a batch holds {type(batch).__name__}, expected tensors, arrays, lists, tuples, dicts, dataclasses"
    )


def part_of(batch: Batch, part: int, parts: int) -> Batch:
    """Rows of part `part` when the batch is cut into `parts` equal ones."""

    def cut(value: Tensor) -> Tensor:
        count = len(value) // parts
        return value[part * count : (part + 1) * count]

    return mapped(batch, cut)


def to_device(batch: Batch, device: torch.device) -> Batch:
    """The batch with its tensors and arrays as tensors on `device`; lists stay."""

    def move(value: Any) -> Any:
        if isinstance(value, list):
            return value
        return torch.as_tensor(value).to(device, non_blocking=True)

    return mapped(batch, move)


class Batches(Generic[Batch]):
    """The batches of a run in order of steps; `workers` threads draw as many batches ahead and change none of them."""

    def __init__(self, draw: Draw[Batch], seed: int, first: int, end: int, workers: int = 0) -> None:
        self._draw, self._seed, self._end, self._workers = draw, seed, end, workers
        self._taken = self._asked = first
        self._pending: collections.deque[Future[Batch]] = collections.deque()
        self._pool = ThreadPoolExecutor(workers, "batches") if workers else None

    def __enter__(self) -> Batches[Batch]:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def _made(self, step: int) -> Batch:
        return self._draw(np.random.default_rng((self._seed, step)))

    def take(self) -> Batch:
        """The next step's batch."""
        self._taken += 1
        if self._pool is None:
            return self._made(self._taken - 1)
        while self._asked < min(self._taken + self._workers, self._end):
            self._pending.append(self._pool.submit(self._made, self._asked))
            self._asked += 1
        return self._pending.popleft().result()
