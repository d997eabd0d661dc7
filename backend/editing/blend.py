"""Clips mixed in code space: FSQ keeps its metric, so between and beyond two clips' codes there are codes that decode to motion."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from backend.generate import Pipeline
from backend.generators.sampling import OnStep
from backend.motion.features import features_to_joints
from backend.motion.finish import finish
from backend.tokenizers import blend as codes
from backend.tokenizers.coder import Array, Codes
from common import FPS
from common.errors import InputError
from common.motion import quaternions
from common.motion.motion import Motion
from common.wire.requests import Blend, Nudge

from . import arrival
from .facts import noted
from .inpaint import encoded
from .pose import Pose, pose_of, with_pose


def blend(pipeline: Pipeline, request: Blend, _on_step: OnStep) -> Motion:
    """The clip at the share `amount` of the way from `first` to `second`, as long as the shorter of the two.

    0 and 1 give the clips' own codes, decoded: near the clips, but not their bits. InputError for a tokenizer without codes.
    """
    bottleneck = _bottleneck(pipeline)

    def mixed(a: Array, b: Array) -> Array:
        found = codes.blend(bottleneck, bottleneck.to_indices(a), bottleneck.to_indices(b), request.amount)
        return bottleneck.from_indices(found)

    new = _of_two(pipeline, request.first, request.second, mixed)
    return noted(new, "blend", amount=request.amount, length_of="the shorter")


def nudge(pipeline: Pipeline, request: Nudge, _on_step: OnStep) -> Motion:
    """The clip moved along the grid: by `amount` of the way to `towards`, below 0 away from it.

    Without `towards`, away from the clip's own mean code (positive exaggerates, -1 is the mean itself). Latents are
    snapped to the grid. InputError for a tokenizer without codes.
    """
    bottleneck, towards = _bottleneck(pipeline), request.towards

    def moved(a: Array, b: Array) -> Array:
        direction = a - a.mean(axis=0) if towards is None else b - a
        return bottleneck.snap(a + request.amount * direction)

    new = _of_two(pipeline, request.clip, towards or request.clip, moved)
    return noted(new, "nudge", amount=request.amount, towards=towards is not None)


def interpolated(first: Motion, second: Motion, amount: float) -> Motion:
    """The same mix joint by joint, for comparison: slerp of rotations, a straight line between roots; feet as they fall."""
    frames = min(first.frames, second.frames)
    share = np.full((frames, 1), amount)
    rotations = quaternions.slerp(first.rotations[:frames], second.rotations[:frames], share)
    root = first.root[:frames] * (1 - share) + second.root[:frames] * share
    pose: Pose = quaternions.continuous(rotations), root
    return with_pose(first, pose, np.zeros((frames, 4)))


def decoded(pipeline: Pipeline, latents: Array, frames: int, meta: dict[str, object]) -> Motion:
    """The finished clip of latents [token, d], at 20 frames a second."""
    features = pipeline.features(latents[None])[0, :frames]
    return finish(features_to_joints(features), FPS, meta)


def _of_two(pipeline: Pipeline, first: Motion, second: Motion, mix: Callable[[Array, Array], Array]) -> Motion:
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


def _bottleneck(pipeline: Pipeline) -> Codes:
    bottleneck = pipeline.networks.tokenizer.bottleneck
    if not bottleneck.levels:
        raise InputError("checkpoint", pipeline.networks.config["name"], "one whose tokenizer has codes")
    return bottleneck
