"""Physical figures of a checkpoint beside real motion: `python -m training.evaluate_physics --checkpoint open --dataset_dir DIR`.

One clip for each captioned span of the val split, of the same length, and the real span itself; both after the same
finish (constant bones, planted feet), and the real one as captured too. Writes a Markdown table to standard output.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from backend.generate import Pipeline
from backend.motion.features import features_to_joints
from backend.motion.finish import finish
from backend.weights.locate import find
from contract import FPS
from contract.messages import MAX_PROMPT, Generate

from . import dataset
from .command import run
from .metrics import physics

_MIN_FRAMES, _MAX_FRAMES = 20, 196


@dataclasses.dataclass(frozen=True)
class PhysicsSettings:
    """What to compare."""

    checkpoint: str
    """Name or folder of a checkpoint."""
    dataset_dir: Path
    limit: int = 60
    """Spans at most, spread over the split."""
    seed: int = 0
    steps: int | None = None
    guidance: float | None = None


def main(settings: PhysicsSettings) -> None:
    """Print the table."""
    data = dataset.load(settings.dataset_dir, "val")
    spans = [span for span in data.spans if span.frames >= _MIN_FRAMES]
    spans = spans[:: max(1, len(spans) // settings.limit)][: settings.limit]
    pipeline = Pipeline.load(find(settings.checkpoint).folder, "cpu")
    rows: dict[str, list[dict[str, float]]] = {"real, as captured": [], "real, finished": [], settings.checkpoint: []}
    for index, span in enumerate(tqdm(spans, disable=None)):
        frames = min(span.frames, _MAX_FRAMES)
        captured = features_to_joints(data.window(span.start, frames, False))
        request = Generate(
            prompt=span.captions[0][:MAX_PROMPT],
            seconds=frames / FPS,
            seed=settings.seed + index,
            steps=settings.steps,
            guidance=settings.guidance,
        )
        (made,) = pipeline.generate(request, lambda step, total: None)
        clips: tuple[NDArray[np.floating], ...] = (captured, finish(captured, FPS, {}).positions, made.positions)
        for kept, positions in zip(rows.values(), clips, strict=True):
            kept.append(physics.figures(positions, FPS))
    names = list(rows[settings.checkpoint][0])
    print(f"| {len(spans)} val spans | {' | '.join(names)} |\n|---|{'---:|' * len(names)}")
    for name, kept in rows.items():
        means = [f"{np.mean([row[figure] for row in kept]):.3g}" for figure in names]
        print(f"| {name} | {' | '.join(means)} |")


if __name__ == "__main__":
    run(main, PhysicsSettings, __doc__)
