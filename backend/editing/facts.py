"""What an edit says about itself afterwards, in the clip's `meta`."""

from __future__ import annotations

import dataclasses
from typing import Any

from common.motion.motion import Motion


def noted(clip: Motion, operation: str, **facts: Any) -> Motion:
    """`clip` with one more entry in meta["settings"]["edits"]: the operation and its JSON-able facts."""
    settings = clip.meta.get("settings")
    settings = dict(settings) if isinstance(settings, dict) else {}
    edits = [*settings.get("edits", ()), {"operation": operation} | facts]
    return dataclasses.replace(clip, meta=clip.meta | {"settings": settings | {"edits": edits}})


def seams(found: list[tuple[int, tuple[float, float]]]) -> list[dict[str, float]]:
    """`common.motion.seam.seam_jump` of some borders (frame, jumps) as facts."""
    return [{"frame": at, "position": place, "velocity": speed} for at, (place, speed) in found]
