"""Batches as a pure function of (seed, step): made ahead in the background, cut into parts, moved to a device."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

Batch = TypeVar("Batch")
MakeBatch = Callable[[np.random.Generator], Batch]
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


def batches(make: MakeBatch[Batch], seed: int, steps: range, workers: int = 0) -> Generator[Batch, None, None]:
    """The batches of a run's `steps` in their order; `workers` threads make as many ahead and change none of them."""

    def made(step: int) -> Batch:
        return make(np.random.default_rng((seed, step)))

    if not workers:
        yield from map(made, steps)
        return
    pool, pending = ThreadPoolExecutor(workers, "batches"), collections.deque[Future[Batch]]()
    try:
        for step in steps:
            pending.append(pool.submit(made, step))
            if len(pending) > workers:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
