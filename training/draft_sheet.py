"""The drafts of a prompt as a sheet of stick figures: `python -m training.draft_sheet --prompt "kicks with the left leg" --out kick.png`.

A row for each draft, its mark before it, the kept one's in bold; time goes from left to right.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.drafts.drafting import Kept
from backend.generate import Pipeline
from backend.generators.windows import MAX_TOKENS
from backend.motion.features import features_to_joints
from backend.tokenizers.coder import FRAMES_PER_TOKEN
from backend.weights.locate import find
from common import FPS
from common.errors import InputError
from common.motion import verdict
from common.motion.skeleton import JOINTS, PARENTS

from .engine.command import run

_FIGURES = 10
_APART_M = 0.9
"""Between two figures of a row: more than a stride."""
_ROW_M = 2.2
_TURNED = np.radians(35.0)
"""How far the viewer stands beside the first heading, so that steps and hands to the front are seen."""
_COLOURS, _MIDDLE = {"left": "#1f77b4", "right": "#d62728"}, "#333333"


@dataclasses.dataclass(frozen=True)
class SheetSettings:
    """Command line of `draft_sheet`."""

    prompt: str
    out: Path
    """A .png."""
    checkpoint: str = "open"
    effort: int = 6
    seed: int = 0
    seconds: float | None = None
    """Without it as estimated."""
    blind: bool = False
    """Drafts from noise alone, as without a motion library."""


def main(settings: SheetSettings) -> None:
    """Draft, judge, draw."""
    if settings.out.suffix != ".png":
        raise InputError("out", settings.out.name, "a name that ends in .png")
    pipeline = Pipeline.load(find(settings.checkpoint).folder, "cpu")
    drafts, kept = drafted(pipeline, settings)
    draw(settings.out, drafts, kept, settings.prompt)
    print(f"{settings.out}: {verdict.said({verdict.KEY: kept.verdict})}")


def drafted(pipeline: Pipeline, settings: SheetSettings) -> tuple[list[NDArray[np.float64]], Kept]:
    """Joints [frame, 22, 3] of every draft, and the one that is kept, as `Pipeline.generate` makes them."""
    seconds = settings.seconds or pipeline.seconds(settings.prompt)
    frames = round(seconds * FPS)
    tokens = min(math.ceil(frames / FRAMES_PER_TOKEN), MAX_TOKENS)
    drafter, count = pipeline.drafter, settings.effort
    starts = None if settings.blind else drafter.starts(settings.prompt, tokens, [settings.seed], count)
    sampled = pipeline.sample(
        pipeline.text_states(settings.prompt),
        pipeline.noises(settings.seed, count, tokens),
        pipeline.networks.sampling,
        lambda step, total: None,
        starts,
    )
    joints = [features_to_joints(row) for row in pipeline.features(sampled)[:, :frames]]
    (kept,) = drafter.kept(settings.prompt, joints, count, starts)
    return joints, kept


def draw(path: Path, drafts: Sequence[NDArray[np.floating]], kept: Kept, prompt: str) -> None:
    """Write the sheet."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    marks = kept.verdict["drafts"]
    assert isinstance(marks, list)
    figure = Figure(figsize=(1.0 + 0.62 * _FIGURES, 0.3 + 1.15 * len(drafts)), dpi=90)
    FigureCanvasAgg(figure)
    figure.suptitle(f"{prompt}: {verdict.said({verdict.KEY: kept.verdict})}", fontsize=9)
    axes: Any = figure.add_axes((0.0, 0.0, 1.0, 0.96))
    axes.set(xlim=(-2.0, _APART_M * _FIGURES), ylim=(-_ROW_M * (len(drafts) - 1) - 0.2, 2.0), aspect="equal")
    axes.axis("off")
    for row, joints in enumerate(drafts):
        weight = "bold" if row == kept.row else "normal"
        ground = -_ROW_M * row
        axes.text(-1.9, ground + 0.8, f"{marks[row]:.2f}", fontsize=9, fontweight=weight)
        axes.axhline(ground, color="#bbbbbb", linewidth=2.0 if row == kept.row else 0.6, zorder=0)
        for place, flat in enumerate(_seen(joints)):
            for joint in range(1, len(PARENTS)):
                x, y = flat[[PARENTS[joint], joint]].T
                axes.plot(x + place * _APART_M, y + ground, color=_colour(joint), linewidth=1.4)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, pil_kwargs={"optimize": True})


def _seen(joints: NDArray[np.floating]) -> NDArray[np.float64]:
    """[figure, 22, 2] m: figures at even times, each over its own place, from beside the first heading."""
    chosen = joints[np.linspace(0, len(joints) - 1, _FIGURES).round().astype(int)]
    across = chosen[0, 1] - chosen[0, 2]
    heading = math.atan2(-across[2], across[0])
    local = chosen - chosen[:, :1] * (1.0, 0.0, 1.0) - (0.0, float(joints[..., 1].min()), 0.0)
    angle = heading + _TURNED
    sideways = local[..., 0] * math.cos(angle) - local[..., 2] * math.sin(angle)
    return np.stack([sideways, local[..., 1]], axis=-1)


def _colour(joint: int) -> str:
    return _COLOURS.get(JOINTS[joint].partition("_")[0], _MIDDLE)


if __name__ == "__main__":
    run(main, SheetSettings, __doc__)
