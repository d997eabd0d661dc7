"""What an edit is asked for, checked once, and what it says about itself afterwards."""

from __future__ import annotations

import dataclasses
from typing import Any

from backend.generators.sampling import Sampling
from common import FPS, checks
from common.errors import InputError
from common.motion.motion import Motion
from common.wire import requests

MIN_FRAMES = 4
MAX_RANGE_S = 60.0


@dataclasses.dataclass(frozen=True)
class Filling:
    """What to fill with: words, and where the clip after the range is.

    arrive: the new stretch ends where the clip goes on; otherwise the clip follows rigidly from where the stretch ends.
    InputError when a value is not allowed.
    """

    prompt: str
    seed: int
    sampling: Sampling
    arrive: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "prompt", checks.text(1, requests.MAX_PROMPT)("prompt", self.prompt))
        checks.integer(0, requests.MAX_SEED)("seed", self.seed)


def check_range(clip: Motion, start: int, end: int) -> None:
    """InputError unless the frames start ... end - 1 are a range of `clip` that can be filled; one frame must stay outside."""
    check_clip(clip)
    if not 0 <= start < end <= clip.frames:
        raise InputError("range", (start, end), f"a first frame before the end, both from 0 to {clip.frames}")
    if end - start == clip.frames:
        raise InputError("range", (start, end), "at least one frame of the clip outside")
    if end - start > MAX_RANGE_S * clip.fps:
        raise InputError("range", f"{end - start} frames", f"at most {MAX_RANGE_S:g} s")


def check_clip(clip: Motion, field: str = "clip") -> None:
    """InputError unless a clip is sound and has four frames at the least."""
    clip.check()
    if clip.frames < MIN_FRAMES:
        raise InputError(field, f"{clip.frames} frames", f"at least {MIN_FRAMES} frames")


def check_seconds(value: float, high: float = MAX_RANGE_S, field: str = "seconds") -> float:
    """A length of new motion, from one generated frame to `high` seconds; InputError otherwise."""
    return float(checks.number(1 / FPS, high)(field, value))


def noted(clip: Motion, operation: str, **facts: Any) -> Motion:
    """`clip` with one more entry in meta["settings"]["edits"]: the operation and its JSON-able facts."""
    settings = clip.meta.get("settings")
    settings = dict(settings) if isinstance(settings, dict) else {}
    edits = [*settings.get("edits", ()), {"operation": operation} | facts]
    return dataclasses.replace(clip, meta=clip.meta | {"settings": settings | {"edits": edits}})


def seams(found: list[tuple[int, tuple[float, float]]]) -> list[dict[str, float]]:
    """`common.motion.seam.seam_jump` of some borders (frame, jumps) as facts."""
    return [{"frame": at, "position": place, "velocity": speed} for at, (place, speed) in found]
