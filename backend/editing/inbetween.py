"""The gap between two clips, or between two poses, filled from words."""

from __future__ import annotations

import dataclasses

import numpy as np

from backend.generate import Pipeline
from backend.generators.sampling import OnStep
from common.motion.motion import Motion
from common.motion.seam import seam_jump
from common.wire.requests import InBetween

from . import arrival
from .facts import noted, seams
from .inpaint import inpainting
from .pose import between, chained, held, piece, pose_of, with_pose
from .window import edited

_HELD = 8
"""Frames for which a single pose stands still while the gap is sampled: two whole tokens that the generator can read."""


def inbetween(pipeline: Pipeline, request: InBetween, on_step: OnStep) -> Motion:
    """The first clip, new motion, the second clip as one clip; a clip of one frame is a pose, in which the body stands still.

    arrive: the second stays where it stands and the gap leads there; otherwise it is placed where the gap's own motion
    ends. Both keep their poses.
    """
    first, second = request.first, request.second
    frames = max(1, round(request.seconds * first.fps))
    lead, rest = _HELD * (first.frames == 1), _HELD * (second.frames == 1)
    if not request.arrive:
        second = _near(first, second, frames)
    whole = chained(held(first, 0, lead), first, between(first, second, frames), second, held(second, 0, rest))
    start = lead + first.frames
    inpaint = inpainting(pipeline, request, on_step, request.arrive)
    new = edited(whole, start, start + frames, inpaint, follows=not request.arrive)
    jumps = seams([(at - lead, seam_jump(new.positions, at)) for at in (start, start + frames)])
    new = piece(new, lead, new.frames - rest)
    travel = new.root[first.frames + frames] - new.root[first.frames - 1]
    facts = {"range": [first.frames, first.frames + frames], "prompt": request.prompt, "seed": request.seed}
    facts |= {"arrive": request.arrive, "way_m": float(np.hypot(travel[0], travel[2])), "seams": jumps}
    return noted(new, "inbetween", **facts)


def _near(first: Motion, second: Motion, frames: int) -> Motion:
    """`second` where `first` would have gone by then, so that the frames in the gap are not torn apart."""
    speed = np.diff(first.root[-5:], axis=0).mean(axis=0) if first.frames > 1 else np.zeros(3)
    goal = first.root[-1] + (frames + 1) * speed
    placed = arrival.placed(*pose_of(second), 0, (first.rotations[-1, 0].astype(np.float64), goal.astype(np.float64)))
    return dataclasses.replace(with_pose(second, placed, second.contacts), meta=first.meta)
