"""What answers each request: one function each. A new edit is its request, its function in `editing/`, and a line here."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from backend.editing.blend import blend, nudge
from backend.editing.edit import edit
from backend.editing.extend import extend
from backend.editing.inbetween import inbetween
from backend.editing.loop import loop
from backend.editing.path import path
from backend.editing.rank import rank
from backend.editing.sequence import sequence
from backend.generate import Pipeline
from backend.generators.sampling import OnStep
from backend.generators.watching import watched_by
from backend.motion.features import features_to_joints
from backend.motion.finish import finish
from backend.serve import OnProgress
from backend.tokenizers.coder import Array
from common import FPS
from common.motion.motion import Motion
from common.wire import requests
from common.wire.requests import Finished, Ranked, Request

Answer = Finished | Ranked
Made = Motion | Sequence[Motion] | Sequence[float]
"""A clip, clips, or scores."""

OPERATIONS: dict[type[Request], Callable[[Pipeline, Any, OnStep], Made]] = {
    requests.Generate: Pipeline.generate,
    requests.Edit: edit,
    requests.InBetween: inbetween,
    requests.Extend: extend,
    requests.Sequence: sequence,
    requests.Loop: loop,
    requests.Path: path,
    requests.Blend: blend,
    requests.Nudge: nudge,
    requests.Rank: rank,
}
"""Each is called with the pipeline, the request and `on_step(step, total)`, which comes before a sampling step and may raise."""

_GROWING = (requests.Generate, requests.Sequence)
"""What grows from its own beginning; an edit's window stands somewhere in a clip and is shown when it is done."""

EVERY_S = 0.25
"""The least time between two partial clips: each costs a decoding and a solve of its joints."""
T = TypeVar("T")


def answer(pipeline: Pipeline, request: Request, report: OnProgress) -> Answer:
    """What a request of any kind comes to; InputError where it asks for what cannot be, and whatever `report` raises."""
    operation = OPERATIONS[type(request)]
    if request.preview and isinstance(request, _GROWING):
        made = with_partials(pipeline, report, lambda on_step: operation(pipeline, request, on_step))
    else:
        made = operation(pipeline, request, report)
    found: Sequence[Any] = [made] if isinstance(made, Motion) else made
    sound: tuple[Any, ...] = tuple(one.check() if isinstance(one, Motion) else one for one in found)
    ending: Answer = request.answer(sound)
    return ending


def with_partials(
    pipeline: Pipeline, report: OnProgress, work: Callable[[OnStep], T], clock: Callable[[], float] = time.monotonic
) -> T:
    """What `work` comes to; its steps are reported with the first clip of the batch as predicted in the step before."""
    last: float | None = None
    ready: Motion | None = None

    def look(make: Callable[[], Array]) -> None:
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
