"""Takes mixed in code space: FSQ keeps its metric, so between and beyond two takes' codes there are codes that decode to motion."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from backend.generate import Pipeline
from backend.motion.features import features_to_joints
from backend.motion.finish import finish
from backend.tokenizers import blend as codes
from backend.tokenizers.bottleneck import Bottleneck
from common import FPS, checks
from common.errors import InputError
from common.motion import quaternions
from common.motion.motion import Motion

from . import arrival
from .asked import check_clip, noted
from .fill import encoded
from .pose import Pose, pose_of, with_pose

MAX_NUDGE = 3.0


def blend(pipeline: Pipeline, first: Motion, second: Motion, amount: float) -> Motion:
    """The take at the share `amount` (0..1) of the way from `first` to `second`, as long as the shorter of the two.

    0 and 1 give the takes' own codes, decoded: near the takes, but not their bits. InputError for clips of fewer than
    four frames or a tokenizer without codes.
    """
    checks.number(0.0, 1.0)("amount", amount)
    bottleneck = _bottleneck(pipeline)

    def mixed(a: Tensor, b: Tensor) -> Tensor:
        found = codes.blend(bottleneck, bottleneck.to_indices(a), bottleneck.to_indices(b), amount)
        return bottleneck.from_indices(found)

    return noted(_of_two(pipeline, first, second, mixed), "blend", amount=amount, length_of="the shorter")


def nudge(pipeline: Pipeline, take: Motion, amount: float, towards: Motion | None = None) -> Motion:
    """A take moved along the grid by `amount` (-3..3).

    towards: along the way from `take` to that other take, 1 being all of it and a negative amount away from it. Without it,
    away from the take's own mean code (positive exaggerates, -1 is the mean itself). Latents are snapped to the grid.
    """
    checks.number(-MAX_NUDGE, MAX_NUDGE)("amount", amount)
    bottleneck = _bottleneck(pipeline)

    def moved(a: Tensor, b: Tensor) -> Tensor:
        direction = a - a.mean(dim=0) if towards is None else b - a
        return bottleneck.snap(a + amount * direction)

    new = _of_two(pipeline, take, take if towards is None else towards, moved)
    return noted(new, "nudge", amount=amount, towards=towards is not None)


def interpolated(first: Motion, second: Motion, amount: float) -> Motion:
    """The same mix joint by joint, for comparison: slerp of rotations, a straight line between roots; feet as they fall."""
    frames = min(first.frames, second.frames)
    share = np.full((frames, 1), amount)
    rotations = quaternions.slerp(first.rotations[:frames], second.rotations[:frames], share)
    root = first.root[:frames] * (1 - share) + second.root[:frames] * share
    pose: Pose = quaternions.continuous(rotations), root
    return with_pose(first, pose, np.zeros((frames, 4)))


def decoded(pipeline: Pipeline, latents: Tensor, frames: int, meta: dict[str, object]) -> Motion:
    """The finished clip of latents [token, d], at 20 frames a second."""
    with torch.inference_mode():
        features = pipeline.features(latents[None])[0, :frames]
    return finish(features_to_joints(features), FPS, meta)


def _of_two(pipeline: Pipeline, first: Motion, second: Motion, mix: Callable[[Tensor, Tensor], Tensor]) -> Motion:
    for field, clip in (("first", first), ("second", second)):
        check_clip(clip, field)
    slow = [clip if clip.fps == FPS else clip.resampled(FPS) for clip in (first, second)]
    frames = min(clip.frames for clip in slow)
    a, b = (encoded(pipeline, clip) for clip in slow)
    tokens = min(len(a), len(b))
    new = _standing(decoded(pipeline, mix(a[:tokens], b[:tokens]), frames, first.meta), first)
    return new if first.fps == FPS else new.resampled(first.fps)


def _standing(new: Motion, like: Motion) -> Motion:
    """`new` where the first frame of `like` stands and faces."""
    placed = arrival.placed(
        *pose_of(new), 0, (like.rotations[0, 0].astype(np.float64), like.root[0].astype(np.float64))
    )
    return with_pose(new, placed, new.contacts)


def _bottleneck(pipeline: Pipeline) -> Bottleneck:
    bottleneck = pipeline.networks.tokenizer.bottleneck
    if not bottleneck.levels:
        raise InputError("checkpoint", pipeline.networks.config["name"], "one whose tokenizer has codes")
    return bottleneck
