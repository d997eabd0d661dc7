"""Train a tokenizer: `python -m training.train_tokenizer --name high --model IsoDiM_Tokenizer_High --dataset_dir DIR`.

Loss as in MARDM (Meng et al., 2024): SmoothL1 on all dims, plus SmoothL1 on the joint dims, plus the same on frame
differences (HiFiGPT's velocity loss), plus extra weight on the four root dims, whose errors add up along the path.
"""

from __future__ import annotations

import copy

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from backend.tokenizers.conv import ConvTokenizer
from common.errors import InputError

from .data import dataset
from .data.head_turns import turned_heads
from .engine.command import run
from .engine.loop import Loop, begin
from .engine.runs import adopted_tokenizer as adopted
from .engine.runs import deepened, load_start_tokenizer
from .engine.tokenizer_settings import TokenizerSettings, untrained
from .evaluation import reconstruction
from .objectives import movement

_DISTANCES = {"l1_smooth": F.smooth_l1_loss, "l1": F.l1_loss, "l2": F.mse_loss}
_COMMITMENT = {"VQ_AE_Model": 0.25, "RVQ_AE_Model": 0.02}
"""Published weights; van den Oord et al. (2017) call them beta."""
_BONE_SCALE_M = 0.01
"""A bone a centimetre too long costs what one standard deviation of a feature does; in the data lengths do not vary at all."""
_DRIFT_SCALE = (0.05, 0.1, 0.1)
"""Half heading (rad) and travel (m) whose loss is that of one standard deviation of a feature."""


def bone_lengths(features: Tensor) -> Tensor:
    """Lengths [batch, frame, bone] (m) that features [batch, frame, d] in metres hold."""
    return torch.linalg.vector_norm(movement.bones(features), dim=-1)


def losses(
    model: ConvTokenizer,
    given: Tensor,
    settings: TokenizerSettings,
    target: Tensor | None = None,
    start: ConvTokenizer | None = None,
) -> dict[str, Tensor]:
    """Named losses of normalised windows [batch, frame, 67]; `target` is what `given` should be decoded to, if not itself, and
    `start` the tokenizer whose dims the first ones of `model` should stay."""
    target = given if target is None else target
    if settings.freeze_encoder:
        model.eval()  # in training mode a codebook would learn and a published encoder drop out: other codes
    encoded = model.encoder(given.transpose(1, 2)).transpose(1, 2)
    quantized = model.bottleneck.quantize(encoded)
    made = model.decode(quantized.latents).float()
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
    if settings.direction_loss or settings.head_loss or settings.step_loss or settings.speed_loss:
        moved = movement.losses(model.denormalize(made), model.denormalize(target), settings.limb_weight)
        total = total + sum(getattr(settings, f"{name}_loss") * value for name, value in moved.items())
        found |= moved | {"loss": total}
    if settings.bone_loss:
        lengths, right = (bone_lengths(model.denormalize(features)) / _BONE_SCALE_M for features in (made, target))
        bones = F.smooth_l1_loss(lengths, right)
        found |= {"loss": total + settings.bone_loss * bones, "bones": bones}
    if start is not None:
        with torch.no_grad():
            before = start.encoder(given.transpose(1, 2)).transpose(1, 2).tanh()
        kept = F.mse_loss(encoded[..., : before.shape[-1]].tanh(), before)
        found |= {"loss": found["loss"] + settings.keep_loss * kept, "kept": kept}
    if settings.model in _COMMITMENT:
        weight = _COMMITMENT[settings.model] if settings.commitment is None else settings.commitment
        found |= {"loss": found["loss"] + weight * quantized.commitment, "commitment": quantized.commitment}
    return found


def main(settings: TokenizerSettings) -> None:
    """Train one tokenizer."""
    settings = adopted(settings)
    begin(settings)
    train, val = dataset.both(settings.dataset_dir, settings.need_evaluation)
    targets = _targets(settings, train)
    model = untrained(settings, len(train.mean))
    model.mean.copy_(torch.from_numpy(train.mean))
    model.std.copy_(torch.from_numpy(train.std))
    if settings.init:
        deepened(model, settings.init)
    model.encoder.requires_grad_(not settings.freeze_encoder)
    start = load_start_tokenizer(settings.init)[1].eval() if settings.init and settings.keep_loss else None

    def make_batch(rng: np.random.Generator) -> Tensor:
        # the same draws for each folder, so the same moments
        found = [_windows(data, copy.deepcopy(rng), settings) for data in (train, *targets)]
        return torch.from_numpy(np.stack(found, axis=1))

    def batch_losses(model: ConvTokenizer, batch: Tensor) -> dict[str, Tensor]:
        given, *others = model.normalize(batch).unbind(1)
        target = others[0] if others else None
        return losses(model, given, settings, target, start)

    def evaluate(model: ConvTokenizer) -> dict[str, float]:
        return reconstruction.summary(model, val)

    # a pass as MARDM counts it: every window of every clip, mirror images among them
    windows = sum(max(1, count - settings.window_size) for _, count in train.clips) * (2 if train.mirrored else 1)
    Loop(settings, model, make_batch, batch_losses, evaluate, examples=windows, best="mpjpe_mm").run()


def _windows(data: dataset.Prepared, rng: np.random.Generator, settings: TokenizerSettings) -> NDArray[np.float32]:
    """Random windows [batch, frame, d] as the settings want them."""
    found = dataset.windows(data, rng, settings.batch_size, settings.window_size, settings.stretch, settings.balance)
    return turned_heads(found, data.layout, rng, settings.head_turns) if settings.head_turns else found


def _targets(settings: TokenizerSettings, given: dataset.Prepared) -> tuple[dataset.Prepared, ...]:
    """The training split of `target_dir`, if there is one; InputError if it does not hold the clips of `dataset_dir`."""
    if settings.target_dir is None:
        return ()
    found = dataset.load(settings.target_dir, "train")
    if any(getattr(found, name) != getattr(given, name) for name in ("clips", "names", "actions", "mirrored")):
        raise InputError("target_dir", str(settings.target_dir), f"a folder with the clips of {settings.dataset_dir}")
    return (found,)


if __name__ == "__main__":
    run(main, TokenizerSettings, __doc__)
