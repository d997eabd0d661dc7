"""A clip goes on, or begins earlier, from words."""

from __future__ import annotations

from backend.generate import Pipeline
from backend.generators.sampling import OnStep
from common.motion.motion import Motion
from common.motion.seam import seam_jump
from common.wire.requests import Extend

from .facts import noted, seams
from .inpaint import Prompted, inpainting
from .pose import chained, held
from .window import edited


def extend(pipeline: Pipeline, request: Extend, on_step: OnStep) -> Motion:
    """The clip with new motion after its last frame, or before its first; its own frames keep their pose."""
    return extended(pipeline, request.clip, request.seconds, request, on_step, request.before)


def extended(
    pipeline: Pipeline, clip: Motion, seconds: float, request: Prompted, on_step: OnStep, before: bool = False
) -> Motion:
    """`clip` with `seconds` of new motion from the request's words."""
    frames = max(1, round(seconds * clip.fps))
    still = held(clip, 0 if before else -1, frames)
    whole = chained(still, clip) if before else chained(clip, still)
    start, end = (0, frames) if before else (clip.frames, clip.frames + frames)
    new = edited(whole, start, end, inpainting(pipeline, request, on_step))
    border = end if before else start
    facts = {"range": [start, end], "before": before, "prompt": request.prompt, "seed": request.seed}
    return noted(new, "extend", **facts, seams=seams([(border, seam_jump(new.positions, border))]))
