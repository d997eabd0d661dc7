"""Clips that are not ready yet, for a client that wants to see them grow."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from torch import Tensor

from backend.generate import Pipeline
from backend.generators.token_generator import OnStep
from backend.generators.watching import watched_by
from backend.motion.features import features_to_joints
from backend.motion.finish import finish
from backend.serve import Report
from common import FPS
from common.motion.motion import Motion

EVERY_S = 0.25
"""The least time between two partial clips: each costs a decoding and a solve of its joints."""


T = TypeVar("T")


def with_partials(
    pipeline: Pipeline, report: Report, work: Callable[[OnStep], T], clock: Callable[[], float] = time.monotonic
) -> T:
    """What `work` comes to; its steps are reported with the first clip of the batch as predicted in the step before."""
    last: float | None = None
    ready: Motion | None = None

    def look(make: Callable[[], Tensor]) -> None:
        nonlocal last, ready
        now = clock()
        if last is None or now - last >= EVERY_S:
            last = now
            features = pipeline.features(make()[:1])[0]
            ready = finish(features_to_joints(features), FPS, {})

    def on_step(step: int, total: int) -> None:
        nonlocal ready
        partial, ready = ready, None
        report(step, total, partial)

    with watched_by(look):
        return work(on_step)
