"""A clip goes on, or begins earlier, from words."""

from __future__ import annotations

from backend.generate import Pipeline
from backend.generators.token_generator import OnStep
from common.motion.motion import Motion
from common.motion.seam import seam_jump

from .asked import Filling, check_clip, check_seconds, noted, seams
from .fill import filling
from .pose import chained, held
from .window import edited


def extend(
    pipeline: Pipeline, clip: Motion, seconds: float, asked: Filling, on_step: OnStep, before: bool = False
) -> Motion:
    """`clip` with `seconds` of new motion after its last frame, or before its first; its own frames keep their pose.

    `asked.arrive` has no meaning here. InputError for a clip of fewer than four frames or a length that cannot be.
    """
    check_clip(clip)
    frames = max(1, round(check_seconds(seconds) * clip.fps))
    still = held(clip, 0 if before else -1, frames)
    whole = chained(still, clip) if before else chained(clip, still)
    start, end = (0, frames) if before else (clip.frames, clip.frames + frames)
    new = edited(whole, start, end, filling(pipeline, asked, on_step))
    border = end if before else start
    facts = {"range": [start, end], "before": before, "prompt": asked.prompt, "seed": asked.seed}
    return noted(new, "extend", **facts, seams=seams([(border, seam_jump(new.positions, border))]))
