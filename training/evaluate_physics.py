"""Physical figures of a checkpoint beside real motion: `python -m training.evaluate_physics --checkpoint open --dataset_dir DIR`.

One clip for each captioned span of the val split, of the same length, and the real span itself; both after the same
finish (constant bones, planted feet), and the real one as captured too. Below the table: how far the tokenizer's
reconstruction of the real spans is off, and how far the solved skeleton is from those decoded joints.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from backend.generate import Pipeline
from backend.motion.features import features_to_joints
from backend.motion.finish import finish
from backend.motion.solve import solve
from backend.tokenizers.conv import FRAMES_PER_TOKEN, ConvTokenizer
from backend.weights.locate import find
from contract import FPS
from contract.messages import MAX_PROMPT, Generate
from contract.skeleton import forward_kinematics

from . import dataset
from .command import run
from .metrics import physics
from .reconstruction import mpjpe_mm

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


def reconstruction(tokenizer: ConvTokenizer, features: NDArray[np.float32]) -> tuple[float, float]:
    """Root-aligned error in mm of a span's reconstruction [frame, 67], and mean distance in cm of its solved joints."""
    whole = features[: len(features) // FRAMES_PER_TOKEN * FRAMES_PER_TOKEN]
    with torch.inference_mode():
        made, _ = tokenizer(tokenizer.normalize(torch.from_numpy(whole)[None]))
        made = tokenizer.denormalize(made)[0].numpy()
    decoded = features_to_joints(made)
    solved = forward_kinematics(*solve(decoded))
    return mpjpe_mm(made, whole)[0], float(np.linalg.norm(solved - decoded, axis=-1).mean() * 100)


def main(settings: PhysicsSettings) -> None:
    """Print the table."""
    data = dataset.load(settings.dataset_dir, "val")
    spans = [span for span in data.spans if span.frames >= _MIN_FRAMES]
    picks = np.linspace(0, len(spans) - 1, min(settings.limit, len(spans))).round().astype(int)
    spans = [spans[pick] for pick in picks]
    pipeline = Pipeline.load(find(settings.checkpoint).folder, "cpu")
    rows: dict[str, list[dict[str, float]]] = {"real, as captured": [], "real, finished": [], settings.checkpoint: []}
    errors = []
    for index, span in enumerate(tqdm(spans, disable=None)):
        frames = min(span.frames, _MAX_FRAMES)
        features = data.window(span.start, frames, False)
        errors.append(reconstruction(pipeline.networks.tokenizer, features))
        captured = features_to_joints(features)
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
    mpjpe, solved = np.transpose(errors)
    print(f"\ntokenizer: {mpjpe.mean():.1f} mm root-aligned error (median {np.median(mpjpe):.1f});", end=" ")
    print(f"solved joints {solved.mean():.2f} cm from the decoded ones (worst span {solved.max():.2f})")


if __name__ == "__main__":
    run(main, PhysicsSettings, __doc__)
