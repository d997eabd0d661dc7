"""A range of a clip regenerated from words: all of it, a part of the body, or with poses to meet on the way."""

from __future__ import annotations

from backend.generate import Pipeline
from backend.generators.sampling import OnStep
from common.motion.motion import Motion
from common.wire.requests import Edit

from .body_part import inpaint_part
from .inpaint import inpaint_range
from .key_poses import inpaint_key_poses


def edit(pipeline: Pipeline, request: Edit, on_step: OnStep) -> Motion:
    """The clip with new frames in its range; all others stay bit for bit. `on_step` may raise."""
    if request.part != "all":
        return inpaint_part(pipeline, request, on_step)
    if request.key_poses:
        return inpaint_key_poses(pipeline, request, on_step)
    return inpaint_range(pipeline, request, on_step)
