"""Blending two clips in FSQ code space beside blending their joints: jerk, foot skate, bone-length drift of both.

`python -m training.compare_blends --checkpoint plus`: pairs of generated clips at the middle of the way, and the same clips
themselves for comparison. `rotations` is slerp joint by joint, `planted` the same with feet planted as every generated clip has
them, `positions` the plainest way, which shortens bones.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from backend.editing.blend import blend, interpolated
from backend.editing.rank import rank
from backend.generate import Pipeline
from backend.motion.finish import finish
from common.motion.motion import Motion
from common.wire.requests import Blend, Generate, Rank
from training.engine.command import run
from training.engine.runs import load_pipeline
from training.metrics.physics import metrics

SAME_WORDS = ("a person walks forward", "a person dances", "a person waves with both hands")
OTHER_WORDS = (
    ("a person walks forward", "a person runs forward"),
    ("a person walks forward", "a person turns left"),
    ("a person jumps", "a person kicks"),
)


@dataclasses.dataclass(frozen=True)
class BlendSettings:
    """Command line of `compare_blends`."""

    checkpoint: str = "plus"
    device: str = "cpu"
    seconds: float = 6.0
    seeds: int = 3
    amount: float = 0.5


def main(settings: BlendSettings) -> None:
    """Prints one line for each way of blending and each kind of pair."""
    pipeline = load_pipeline(settings.checkpoint, settings.device)
    pairs = {"same words": [(words, words) for words in SAME_WORDS], "other words": list(OTHER_WORDS)}
    for kind, words in pairs.items():
        rows: dict[str, list[dict[str, float]]] = {}
        for first, second in (pair for two in words for pair in _clips(pipeline, two, settings)):
            for way, positions, score in _ways(pipeline, first, second, settings.amount):
                rows.setdefault(way, []).append(metrics(positions, 20.0) | {"score": score})
        print(f"{settings.checkpoint}, {kind}, {len(rows['codes'])} pairs")
        for way, found in rows.items():
            means = {name: np.mean([row[name] for row in found]) for name in found[0]}
            print(f"  {way:10}", " ".join(f"{name} {value:8.2f}" for name, value in means.items()))


def _silent(step: int, total: int) -> None:
    """Nobody watches the steps."""


def _clips(pipeline: Pipeline, words: tuple[str, str], settings: BlendSettings) -> Iterator[tuple[Motion, Motion]]:
    for seed in range(settings.seeds):
        requests = [
            Generate(prompt=prompt, seconds=settings.seconds, seed=seed + 100 * number)
            for number, prompt in enumerate(words)
        ]
        first, second = (pipeline.generate(request, _silent)[0] for request in requests)
        yield first, second


def _ways(
    pipeline: Pipeline, first: Motion, second: Motion, amount: float
) -> Iterator[tuple[str, NDArray[np.floating], float]]:
    """(way, joint positions [frame, joint, 3], score for the first clip's prompt; nan where there is no clip to score)."""
    words = str(first.meta["prompt"])
    codes, joints = blend(pipeline, Blend(first, second, amount), _silent), interpolated(first, second, amount)
    plain = first.positions * (1 - amount) + second.positions * amount
    planted = finish(joints.positions, joints.fps, {})  # as the blend of codes is
    clips = [("first", first), ("second", second), ("codes", codes), ("rotations", joints), ("planted", planted)]
    for way, clip in clips:
        yield way, clip.positions, rank(pipeline, Rank(words, (clip,)), _silent)[0]
    yield "positions", plain, float("nan")


if __name__ == "__main__":
    run(main, BlendSettings, __doc__)
