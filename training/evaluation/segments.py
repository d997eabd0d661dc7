"""What a deep tokenizer makes of whole clips: reconstructions segment after segment, their errors, their bits, their seams."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import torch
from numpy.typing import NDArray

from backend.dicode.tokenizer import DeepTokenizer
from backend.motion.features import features_to_joints
from backend.tokenizers.kl import KL
from common.errors import InputError
from training.data.dataset import Prepared
from training.metrics import codebook
from training.metrics.seam import seam_jump

from .reconstruction import mpjpe_mm

_CLIPS, _SEGMENTS = 24, 5
"""Of an evaluation: clips, evenly chosen, and segments of each, from its beginning."""


@dataclasses.dataclass(frozen=True)
class SegmentReconstruction:
    """One clip cut to whole segments and what came back: features [frame, f], indices [token, c], bits of all tokens, errors in mm."""

    target: NDArray[np.float32]
    made: NDArray[np.float32]
    indices: NDArray[np.generic]
    bits: float
    mpjpe_mm: float
    world_mm: float


@torch.inference_mode()
def reconstructed(
    model: DeepTokenizer, features: NDArray[np.float32], steps: int, seed: int = 0
) -> SegmentReconstruction:
    """Features [frame, f] in metres and radians through the tokenizer and back, each segment after the decoded one before.

    InputError for a clip without a whole segment.
    """
    frames = len(features) // model.segment_frames * model.segment_frames
    if not frames:
        raise InputError("frames of the clip", len(features), f"{model.segment_frames} or more, a whole segment")
    target = features[:frames]
    given = model.normalize(torch.from_numpy(target)[None].to(model.mean))
    encoded = model.encoded(given)
    quantized = model.bottleneck.quantize(encoded)
    noise = torch.randn(given.shape, generator=torch.Generator().manual_seed(seed)).to(given)
    made = model.denormalize(model.decode(quantized.latents, noise, steps))[0].float().cpu().numpy()
    if isinstance(model.bottleneck, KL):
        bits = float(model.bottleneck.bits(encoded).sum())
    else:
        bits = encoded.shape[1] * sum(map(math.log2, model.bottleneck.levels))
    return SegmentReconstruction(target, made, quantized.indices[0].cpu().numpy(), bits, *mpjpe_mm(made, target))


def seams(features: NDArray[np.float32], segment_frames: int) -> dict[str, float]:
    """Mean and worst jump at the borders between segments of features [frame, f], in the clip's median steps; nothing without borders."""
    joints = features_to_joints(features)
    found = [seam_jump(joints, frame) for frame in range(segment_frames, len(joints) - 1, segment_frames)]
    if not found:
        return {}
    position, velocity = ([getattr(one, name) for one in found] for name in ("position", "velocity"))
    return {"seam": float(np.mean(position)), "worst_seam": max(position), "seam_velocity": float(np.mean(velocity))}


def chosen(data: Prepared, segment_frames: int, least: int = 1) -> list[NDArray[np.float32]]:
    """Features [frame, f] of some clips of a split, evenly chosen: the first whole segments of each, `least` or more.

    InputError where no clip is so long.
    """
    whole = [(start, count) for start, count in data.clips if count >= least * segment_frames]
    if not whole:
        raise InputError("dataset_dir", f"{len(data.clips)} clips", f"one of {least * segment_frames} frames or more")
    picks = np.unique(np.linspace(0, len(whole) - 1, _CLIPS).round().astype(int))
    most = _SEGMENTS * segment_frames
    cuts = [whole[pick] for pick in picks]
    return [data.window(start, min(count - count % segment_frames, most), False) for start, count in cuts]


def summary(model: DeepTokenizer, data: Prepared, steps: int) -> dict[str, float]:
    """Over some clips of a split: joint errors in mm, root-aligned and in the world, bits a second, seams, use of the codes; clips as
    in `chosen`.
    """
    rows = [reconstructed(model, clip, steps) for clip in chosen(data, model.segment_frames)]
    seconds = sum(len(row.made) for row in rows) / data.layout.fps
    found = {
        "mpjpe_mm": float(np.mean([row.mpjpe_mm for row in rows])),
        "world_mm": float(np.mean([row.world_mm for row in rows])),
        "bits_s": sum(row.bits for row in rows) / seconds,
    }
    jumps = [part for row in rows if (part := seams(row.made, model.segment_frames))]
    if jumps:
        found |= {name: float(np.mean([one[name] for one in jumps])) for name in jumps[0]}
    return found | codebook.metrics(np.concatenate([row.indices for row in rows]), model.bottleneck.levels)
