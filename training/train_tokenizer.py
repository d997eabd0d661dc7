"""Train a tokenizer: `python -m training.train_tokenizer --name high --model IsoDiM_Tokenizer_High --dataset_dir DIR`.

Loss as in MARDM (Meng et al., 2024): SmoothL1 on all dims, plus SmoothL1 on the joint dims, plus the same on frame
differences (HiFiGPT's velocity loss), plus extra weight on the four root dims, whose errors add up along the path.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from backend.motion.layout import of_features
from backend.tokenizers.conv import ConvTokenizer

from .data import dataset
from .engine.command import run
from .engine.loop import Loop, begin
from .engine.tokenizer_settings import TokenizerSettings, untrained
from .evaluation import reconstruction

_DISTANCES = {"l1_smooth": F.smooth_l1_loss, "l1": F.l1_loss, "l2": F.mse_loss}
_COMMITMENT = {"VQ_AE_Model": 0.25, "RVQ_AE_Model": 0.02}
"""Published weights; van den Oord et al. (2017) call them beta."""
_BONE_SCALE_M = 0.01
"""A bone a centimetre too long costs what one standard deviation of a feature does; in the data lengths do not vary at all."""
_DRIFT_SCALE = (0.05, 0.1, 0.1)
"""Half heading (rad) and travel (m) whose loss is that of one standard deviation of a feature."""


def bone_lengths(features: Tensor) -> Tensor:
    """Lengths [batch, frame, bone] (m) that features [batch, frame, d] in metres hold: joints relative to the root."""
    parents = torch.tensor(of_features(features.shape[-1]).parents[1:], device=features.device)
    root = F.pad(features[..., 3:4], (1, 1))[..., None, :]
    joints = torch.cat([root, features[..., 4:].unflatten(-1, (-1, 3))], dim=-2)
    return torch.linalg.vector_norm(joints[..., 1:, :] - joints[..., parents, :], dim=-1)


def losses(model: ConvTokenizer, target: Tensor, settings: TokenizerSettings) -> dict[str, Tensor]:
    """Named losses of normalised windows [batch, frame, 67]."""
    made, quantized = model(target)
    made = made.float()
    distance = _DISTANCES[settings.recons_loss]
    every = distance(made, target)
    joints = distance(made[..., 4:], target[..., 4:])
    velocity = distance(made.diff(dim=1), target.diff(dim=1))
    root = distance(made[..., :4], target[..., :4])
    drift = ((made - target)[..., :3] * model.std[:3]).cumsum(dim=1) / model.std.new_tensor(_DRIFT_SCALE)
    path = F.smooth_l1_loss(drift, torch.zeros_like(drift))
    total = every + settings.aux_loss_joints * joints + settings.velocity_loss * velocity + settings.root_loss * root
    total = total + settings.path_loss * path
    found = {"loss": total, "all": every, "joints": joints, "velocity": velocity, "root": root, "path": path}
    if settings.bone_loss:
        lengths, right = (bone_lengths(model.denormalize(features)) / _BONE_SCALE_M for features in (made, target))
        bones = F.smooth_l1_loss(lengths, right)
        found |= {"loss": total + settings.bone_loss * bones, "bones": bones}
    if settings.model in _COMMITMENT:
        weight = _COMMITMENT[settings.model] if settings.commitment is None else settings.commitment
        found |= {"loss": found["loss"] + weight * quantized.commitment, "commitment": quantized.commitment}
    return found


def main(settings: TokenizerSettings) -> None:
    """Train one tokenizer."""
    begin(settings)
    train, val = dataset.both(settings.dataset_dir, settings.need_evaluation)
    model = untrained(settings, len(train.mean))
    model.mean.copy_(torch.from_numpy(train.mean))
    model.std.copy_(torch.from_numpy(train.std))

    def make_batch(rng: np.random.Generator) -> Tensor:
        return torch.from_numpy(
            dataset.windows(train, rng, settings.batch_size, settings.window_size, settings.stretch, settings.balance)
        )

    def batch_losses(model: ConvTokenizer, batch: Tensor) -> dict[str, Tensor]:
        return losses(model, model.normalize(batch), settings)

    def evaluate(model: ConvTokenizer) -> dict[str, float]:
        return reconstruction.summary(model, val)

    # a pass as MARDM counts it: every window of every clip, mirror images among them
    windows = sum(max(1, count - settings.window_size) for _, count in train.clips) * (2 if train.mirrored else 1)
    Loop(settings, model, make_batch, batch_losses, evaluate, examples=windows, best="mpjpe_mm").run()


if __name__ == "__main__":
    run(main, TokenizerSettings, __doc__)
