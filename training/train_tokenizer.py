"""Train a tokenizer: `python -m training.train_tokenizer --name high --model IsoDiM_Tokenizer_High --dataset_dir DIR`.

Loss as in MARDM (Meng et al., 2024): SmoothL1 on all dims, plus SmoothL1 on the joint dims, plus the same on frame
differences (HiFiGPT's velocity loss), plus extra weight on the four root dims, whose errors add up along the path.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from backend.motion.features import features_to_joints
from backend.tokenizers import presets
from backend.tokenizers.conv import ConvTokenizer

from . import dataset
from .command import run
from .config import RunSettings
from .loop import Loop, begin

_VAL_FRAMES = 196
_DRIFT_SCALE = (0.05, 0.1, 0.1)
"""Half heading (rad) and travel (m) whose loss is that of one standard deviation of a feature."""


@dataclasses.dataclass(frozen=True)
class TokenizerSettings(RunSettings):
    """Settings of a tokenizer run."""

    model: str = "IsoDiM_Tokenizer_High"
    width: int = 512
    window_size: int = 64
    aux_loss_joints: float = 1.0
    velocity_loss: float = 0.5
    root_loss: float = 0.25
    path_loss: float = 0.2
    """Weight of the heading and travel errors added up along the window: small biased steps turn whole clips away."""
    balance: float = 1.0
    """Power of an action's mass in the sampling: 1 as the data lies, 0 all actions alike."""
    stretch: float = 0.2
    """Windows are played up to exp(stretch) times faster or slower; 0 is never."""


def losses(model: ConvTokenizer, target: Tensor, settings: TokenizerSettings) -> dict[str, Tensor]:
    """Named losses of normalised windows [batch, frame, 67]."""
    made = model(target).float()
    every = F.smooth_l1_loss(made, target)
    joints = F.smooth_l1_loss(made[..., 4:], target[..., 4:])
    velocity = F.smooth_l1_loss(made.diff(dim=1), target.diff(dim=1))
    root = F.smooth_l1_loss(made[..., :4], target[..., :4])
    drift = ((made - target)[..., :3] * model.std[:3]).cumsum(dim=1) / model.std.new_tensor(_DRIFT_SCALE)
    path = F.smooth_l1_loss(drift, torch.zeros_like(drift))
    total = every + settings.aux_loss_joints * joints + settings.velocity_loss * velocity + settings.root_loss * root
    total = total + settings.path_loss * path
    return {"loss": total, "all": every, "joints": joints, "velocity": velocity, "root": root, "path": path}


def mpjpe_mm(made: np.ndarray, target: np.ndarray) -> tuple[float, float]:
    """Mean joint error in mm of features [frame, 67]: root-aligned, and in the world."""
    ours, theirs = features_to_joints(made), features_to_joints(target)
    world = np.linalg.norm(ours - theirs, axis=-1).mean()
    aligned = np.linalg.norm((ours - ours[:, :1]) - (theirs - theirs[:, :1]), axis=-1).mean()
    return float(aligned * 1000), float(world * 1000)


def evaluate(model: ConvTokenizer, data: dataset.Prepared) -> dict[str, float]:
    """Reconstruction of the validation clips (first 9.8 s of each): errors in mm, share of grid levels in use."""
    device = model.mean.device
    aligned, world, codes = [], [], []
    for start, count in data.clips:
        frames = min(count, _VAL_FRAMES) // 4 * 4
        if frames < 16:
            continue
        features = data.window(start, frames, mirrored=False)
        code = model.encode(model.normalize(torch.from_numpy(features)[None].to(device)))
        made = model.denormalize(model.decode(code))[0].float().cpu().numpy()
        errors = mpjpe_mm(made, features)
        aligned.append(errors[0])
        world.append(errors[1])
        codes.append(model.bottleneck.to_levels(code[0]))
    used = torch.cat(codes)
    entropy = 0.0
    for dim, count in enumerate(model.bottleneck.levels):
        share = torch.bincount(used[:, dim], minlength=count).float() / len(used)
        entropy += float(-(share * share.clamp(min=1e-9).log2()).sum())
    return {"mpjpe_mm": float(np.mean(aligned)), "world_mm": float(np.mean(world)), "bits": entropy}


def main(settings: TokenizerSettings) -> None:
    """Train one tokenizer."""
    begin(settings)
    train = dataset.load(settings.dataset_dir, "train")
    val = dataset.load(settings.dataset_dir, "val")
    model = presets.build(settings.model, settings.width)
    model.mean.copy_(torch.from_numpy(train.mean))
    model.std.copy_(torch.from_numpy(train.std))

    def batch_losses(model: ConvTokenizer, rng: np.random.Generator) -> dict[str, Tensor]:
        batch = torch.from_numpy(
            dataset.windows(train, rng, settings.batch_size, settings.window_size, settings.stretch, settings.balance)
        )
        return losses(model, model.normalize(batch.to(model.mean.device)), settings)

    Loop(settings, model, batch_losses, lambda model: evaluate(model, val)).run()


if __name__ == "__main__":
    run(main, TokenizerSettings, __doc__)
