"""The gap between two clips, or between two poses, filled from words."""

from __future__ import annotations

import dataclasses

import numpy as np

from backend.generate import Pipeline
from backend.generators.token_generator import OnStep
from common.errors import InputError
from common.motion.motion import Motion
from common.motion.seam import seam_jump

from . import arrival
from .asked import MIN_FRAMES, Filling, check_seconds, noted, seams
from .fill import filling
from .pose import between, chained, held, piece, pose_of, with_pose
from .window import edited

_HELD = 8
"""Frames for which a single pose stands still while the gap is drawn: two whole tokens that the generator can read."""


def inbetween(
    pipeline: Pipeline, first: Motion, second: Motion, seconds: float, asked: Filling, on_step: OnStep
) -> Motion:
    """`first`, `seconds` of new motion, `second`, as one clip; a clip of one frame is a pose, in which the body stands still.

    asked.arrive: `second` stays where it stands and the gap leads there; otherwise it is placed where the gap's own motion
    ends. Both keep their poses. InputError where the clips' rates differ, one has two or three frames, or the gap is too long.
    """
    for field, clip in (("first", first), ("second", second)):
        _check(field, clip, first.fps)
    frames = max(1, round(check_seconds(seconds) * first.fps))
    lead, rest = _HELD * (first.frames == 1), _HELD * (second.frames == 1)
    if not asked.arrive:
        second = _near(first, second, frames)
    whole = chained(held(first, 0, lead), first, between(first, second, frames), second, held(second, 0, rest))
    start = lead + first.frames
    new = edited(
        whole,
        start,
        start + frames,
        filling(pipeline, asked, on_step),
        follows=not asked.arrive,
    )
    jumps = seams([(at - lead, seam_jump(new.positions, at)) for at in (start, start + frames)])
    new = piece(new, lead, new.frames - rest)
    way = new.root[first.frames + frames] - new.root[first.frames - 1]
    facts = {"range": [first.frames, first.frames + frames], "prompt": asked.prompt, "seed": asked.seed}
    facts |= {"arrive": asked.arrive, "way_m": float(np.hypot(way[0], way[2])), "seams": jumps}
    return noted(new, "inbetween", **facts)


def _check(field: str, clip: Motion, fps: float) -> None:
    clip.check()
    if 1 < clip.frames < MIN_FRAMES:
        raise InputError(field, f"{clip.frames} frames", f"one frame, a pose, or at least {MIN_FRAMES}")
    if clip.fps != fps:
        raise InputError(f"{field}.fps", clip.fps, f"{fps:g}, as the first clip has")


def _near(first: Motion, second: Motion, frames: int) -> Motion:
    """`second` where `first` would have gone by then, so that the frames in the gap are not torn apart."""
    speed = np.diff(first.root[-5:], axis=0).mean(axis=0) if first.frames > 1 else np.zeros(3)
    goal = first.root[-1] + (frames + 1) * speed
    placed = arrival.placed(*pose_of(second), 0, (first.rotations[-1, 0].astype(np.float64), goal.astype(np.float64)))
    return dataclasses.replace(with_pose(second, placed, second.contacts), meta=first.meta)
