"""What a tokenizer makes of whole clips: reconstructions, their joint errors, their codes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from backend.motion.features import features_to_joints
from backend.tokenizers.coder import FRAMES_PER_TOKEN
from backend.tokenizers.conv import ConvTokenizer
from training.data.dataset import Prepared
from training.metrics import codebook

MAX_FRAMES = 196
"""9.8 s, the longest clip of HumanML3D (Guo et al., CVPR 2022)."""
_MIN_FRAMES = 16


@dataclasses.dataclass(frozen=True)
class Reconstruction:
    """One clip, its place in the split, and what came back: features [frame, 67], indices [token, c], errors in mm."""

    clip: int
    target: NDArray[np.float32]
    made: NDArray[np.float32]
    indices: NDArray[np.generic]
    mpjpe_mm: float
    world_mm: float


def mpjpe_mm(made: NDArray[np.float32], target: NDArray[np.float32]) -> tuple[float, float]:
    """Mean per-joint position error in mm of features [frame, 67]: root-aligned, and in the world."""
    ours, theirs = features_to_joints(made), features_to_joints(target)
    world = np.linalg.norm(ours - theirs, axis=-1).mean()
    aligned = np.linalg.norm((ours - ours[:, :1]) - (theirs - theirs[:, :1]), axis=-1).mean()
    return float(aligned * 1000), float(world * 1000)


@torch.inference_mode()
def reconstructions(model: ConvTokenizer, data: Prepared, max_frames: int = MAX_FRAMES) -> Iterator[Reconstruction]:
    """The first `max_frames` of every clip of at least four tokens, through the tokenizer in evaluation mode and back."""
    for clip, (start, count) in enumerate(data.clips):
        frames = min(count, max_frames) // FRAMES_PER_TOKEN * FRAMES_PER_TOKEN
        if frames < _MIN_FRAMES:
            continue
        target = data.window(start, frames, mirrored=False)
        made, quantized = model(model.normalize(torch.from_numpy(target)[None].to(model.mean)))
        features = model.denormalize(made.float())[0].cpu().numpy()
        indices = quantized.indices[0].cpu().numpy()
        yield Reconstruction(clip, target, features, indices, *mpjpe_mm(features, target))


def summary(model: ConvTokenizer, data: Prepared) -> dict[str, float]:
    """Over the clips of a split: joint errors in mm, root-aligned (mean, median, mean per source) and in the world, and how
    the codes are used."""
    rows = list(reconstructions(model, data))
    aligned = np.array([row.mpjpe_mm for row in rows])
    sources = np.array([data.names[row.clip].partition("/")[0] for row in rows])
    found = {
        "mpjpe_mm": float(aligned.mean()),
        "mpjpe_median_mm": float(np.median(aligned)),
        "world_mm": float(np.mean([row.world_mm for row in rows])),
    }
    found |= {f"mpjpe_mm_{source}": float(aligned[sources == source].mean()) for source in np.unique(sources)}
    return found | codebook.metrics(np.concatenate([row.indices for row in rows]), model.bottleneck.levels)
