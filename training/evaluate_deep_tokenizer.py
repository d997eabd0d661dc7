"""Judge deep tokenizers, beside others at their bits: `python -m training.evaluate_deep_tokenizer --tokenizer RUN --beside RUN_OR_CHECKPOINT --dataset_dir DIR`.

The first whole segments, two or more, of clips of the split go through each tokenizer and back. A tokenizer with four frames a token has no
segments; it goes over the same frames, its jumps measured at the same places.
"""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from backend.device import choose
from backend.motion.features import features_to_joints
from backend.tokenizers.conv import ConvTokenizer
from common import checks
from common.errors import InputError
from common.files import require_folder
from training.metrics import physics

from .data import dataset
from .engine.command import run
from .engine.dicode_settings import load_deep_tokenizer
from .evaluation.curves import labels
from .evaluation.reconstruction import mpjpe_mm
from .evaluation.report import EvaluationReport
from .evaluation.sampling import load_tokenizer
from .evaluation.segments import chosen, reconstructed, seams
from .evaluation.table import Row, means

NOTE = (
    "Means over clips. bits_s: bits a second of FSQ, VQ and RVQ; of KL the divergence from N(0, 1); none for plain numbers. MPJPE is "
    "root-aligned, world is not. seam: jumps between segments in median steps of the clip, the mean and the worst."
)


@dataclasses.dataclass(frozen=True)
class DeepEvaluation:
    """What to judge."""

    tokenizer: tuple[Path, ...]
    """Run folders of deep tokenizers, all with segments of one length."""
    dataset_dir: Path
    beside: tuple[str, ...] = ()
    """Other tokenizers: run folders, exported checkpoints' folders or bundled checkpoints' names."""
    split: str = "val"
    steps: int = 4
    """Diffusion steps of the deep decoders."""
    seed: int = 0
    device: str = "auto"
    out: Path | None = None
    """Folder for results.json, results.md and pictures; none only prints."""


def _figures(
    made: NDArray[np.float32], target: NDArray[np.float32], bits: float, segment: int, fps: float
) -> dict[str, float]:
    aligned, world = mpjpe_mm(made, target)
    found = {"bits_s": bits / len(made) * fps, "MPJPE mm": aligned, "world mm": world}
    return found | seams(made, segment) | {"jerk_m_s3": physics.jerk(features_to_joints(made), fps)}


@torch.inference_mode()
def _conv(model: ConvTokenizer, target: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    """Reconstruction and bits of features whose frames are a multiple of four."""
    made, quantized = model(model.normalize(torch.from_numpy(target)[None].to(model.mean)))
    levels = model.bottleneck.levels
    bits = quantized.latents.shape[1] * sum(map(math.log2, levels)) if levels else math.nan
    return model.denormalize(made.float())[0].cpu().numpy(), bits


def main(settings: DeepEvaluation) -> None:
    """Print the table; write it, its numbers and pictures to `out`."""
    if settings.out is not None:
        require_folder("out", settings.out)
    checks.integer(1, 1000)("steps", settings.steps)
    if not settings.tokenizer:
        raise InputError("tokenizer", "", "at least one run folder")
    device = choose(settings.device)
    models = [load_deep_tokenizer(folder).to(device) for folder in settings.tokenizer]
    others = [load_tokenizer(where, device) for where in settings.beside]
    lengths = sorted({model.segment_frames for model in models})
    if len(lengths) > 1 or lengths[0] % 4:
        raise InputError("tokenizer", lengths, "runs with segments of one length, a multiple of 4 frames")
    data = dataset.load(settings.dataset_dir, settings.split)
    clips, fps = chosen(data, lengths[0], least=2), data.layout.fps
    names = labels([*settings.tokenizer, *map(Path, settings.beside)])
    rows: list[Row] = []
    for name, model in zip(names, models, strict=False):
        found = [reconstructed(model, clip, settings.steps, settings.seed) for clip in clips]
        rows.append(means(name, [_figures(one.made, one.target, one.bits, lengths[0], fps) for one in found]))
    for name, other in zip(names[len(models) :], others, strict=True):
        pairs = [(clip, *_conv(other, clip)) for clip in clips]
        rows.append(means(name, [_figures(made, clip, bits, lengths[0], fps) for clip, made, bits in pairs]))
    report = EvaluationReport(settings, settings.out)
    report.add("Deep tokens", f"{len(clips)} {settings.split} clips", rows, NOTE)


if __name__ == "__main__":
    run(main, DeepEvaluation, __doc__)
