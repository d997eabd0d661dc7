"""The curves of a run: its log.jsonl as arrays, and their smoothing."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from common.errors import InputError

LOG = "log.jsonl"
_AXES = ("step", "seconds")


@dataclasses.dataclass(frozen=True)
class Curve:
    """One logged metric: `values` at `steps` updates; `seconds` of wall time at each, or None where none were logged."""

    steps: NDArray[np.float64]
    values: NDArray[np.float64]
    seconds: NDArray[np.float64] | None


def read_log(folder: Path) -> dict[str, Curve]:
    """All curves of a run folder by name. A last line that is still being written is left out."""
    path = folder / LOG
    if not path.is_file():
        raise InputError("run folder", str(folder), f"a folder with {LOG}, written by a training command")
    lines = path.read_text().splitlines(keepends=True)
    rows = [json.loads(line) for line in lines if line.endswith("\n")]
    names = dict.fromkeys(name for row in rows for name in row if name not in _AXES)
    return {name: _curve([row for row in rows if row.get(name) is not None], name) for name in names}


def _curve(rows: list[dict[str, float]], name: str) -> Curve:
    timed = all("seconds" in row for row in rows)
    steps, values = (np.array([row[key] for row in rows], float) for key in ("step", name))
    return Curve(steps, values, np.array([row["seconds"] for row in rows], float) if timed else None)


def smoothed(values: NDArray[np.floating], weight: float) -> NDArray[np.float64]:
    """Exponential moving average without its start's bias, as TensorBoard draws it: s_t = w s_(t-1) + (1 - w) x_t from
    s_0 = 0, divided by 1 - w^t (the correction of Kingma & Ba, ICLR 2015, section 3). weight 0 changes nothing."""
    if not 0.0 <= weight < 1.0:
        raise InputError("smooth", weight, "0 <= smooth < 1")
    last, made = 0.0, np.empty(len(values))
    for place, value in enumerate(np.asarray(values, float)):
        last = last * weight + (1.0 - weight) * value
        made[place] = last / (1.0 - weight ** (place + 1))
    return made


def labels(folders: Sequence[Path]) -> list[str]:
    """The runs' names; runs of one name in different places keep their parents' names too."""
    paths = [folder.resolve() for folder in folders]
    for parts in range(1, max(len(path.parts) for path in paths)):
        found = ["/".join(path.parts[-parts:]) for path in paths]
        if len(set(found)) == len(set(paths)):
            return found
    return [str(path) for path in paths]
