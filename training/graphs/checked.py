"""Each graph held against its network on real prompts, before anybody is told that it is written."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.engines import onnx
from backend.engines import torch as torch_engine
from backend.engines.engine import Engine, TextEncoder
from backend.generators import noise
from backend.generators.sampler import Sampler
from backend.generators.windows import MAX_TOKENS

PROMPTS = (
    "a person walks forward", "someone waves with the left hand while standing on the right leg", "jump",
    "a man sits down on a chair, then gets up again and looks around for a while before he leaves",
)  # fmt: skip
ALLOWED = 2e-3
"""Of the largest number that a network puts out: float32 in another order of its sums, through up to ten layers."""


ALLOWED_IN_8_BITS = 0.1
"""The same for a graph whose products are of 8 bits."""


@dataclasses.dataclass(frozen=True)
class Difference:
    """The largest one between a graph's output and its network's, as a share of the largest number in it."""

    graph: str
    share: float


class GraphsDifferError(RuntimeError):
    """A graph that does not compute what its network computes."""


def check(folder: Path, encoder: TextEncoder) -> list[Difference]:
    """The differences of a checkpoint's graphs; GraphsDifferError where one is too large."""
    ours, theirs = onnx.load_engine(folder, 1), torch_engine.load_engine(folder, "cpu")
    states = encoder.encode(list(PROMPTS))
    found = [
        Difference(name, apart(mine, other))
        for (name, mine), (_, other) in zip(_outputs(ours, states), _outputs(theirs, states), strict=True)
    ]
    return raised(found)


def raised(found: list[Difference], allowed: float = ALLOWED) -> list[Difference]:
    """The same differences, if none is too large."""
    for one in found:
        if not one.share <= allowed:
            raise GraphsDifferError(f"the graph {one.graph} differs from its network by {one.share:.2g} of its range")
    return found


def _outputs(engine: Engine, states: tuple[NDArray[Any], NDArray[Any]]) -> list[tuple[str, NDArray[Any]]]:
    """What every network gives for the prompts: half of them on visible tokens, at several times."""
    assert isinstance(engine.generator, Sampler)
    sampler, rows = engine.generator, len(states[0])
    dims = engine.tokenizer.bottleneck.dims
    latents = engine.tokenizer.bottleneck.snap(
        0.5 * np.stack([noise.normal(row, MAX_TOKENS, dims) for row in range(rows)])
    )
    visible = np.zeros((rows, MAX_TOKENS), np.bool_)
    visible[1::2, :9] = True
    data, null = sampler.standardize(latents), np.arange(rows) == rows - 1
    context = sampler.denoiser.context(states, null, data, visible, 1)
    noisy = np.stack([noise.normal(rows + row, MAX_TOKENS, dims) for row in range(rows)])
    times = np.linspace(0.0, 0.9, rows, dtype=np.float32)
    features = engine.tokenizer.decode(latents)
    return [
        ("predict", sampler.denoiser.predict(noisy, times, context)),
        ("decode", features),
        ("encode", engine.tokenizer.encode(features)),
        ("length", engine.length(states)),
    ]


def apart(ours: NDArray[Any], theirs: NDArray[Any]) -> float:
    """The largest difference as a share of the largest number in `theirs`."""
    if ours.shape != theirs.shape:
        return float("inf")
    return float(np.abs(ours - theirs).max() / max(np.abs(theirs).max(), 1e-6))
