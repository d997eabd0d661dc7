"""What answers each request: one function each. A new edit is its request, its function in `editing/`, and a line here."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from backend.editing.blend import blend, nudge
from backend.editing.edit import edit
from backend.editing.extend import extend
from backend.editing.inbetween import inbetween
from backend.editing.loop import loop
from backend.editing.path import path
from backend.editing.rank import rank
from backend.editing.sequence import sequence
from backend.generate import Pipeline
from backend.generators.token_generator import OnStep
from backend.partial import with_partials
from backend.serve import Report
from common.motion.motion import Motion
from common.motion.verdict import said
from common.wire import requests
from common.wire.requests import MAX_NOTICE, Finished, Ranked, Request

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


def answer(pipeline: Pipeline, request: Request, report: Report) -> Answer:
    """What a request of any kind comes to; InputError where it asks for what cannot be, and whatever `report` raises."""
    operation = OPERATIONS[type(request)]
    if request.preview and isinstance(request, _GROWING):
        made = with_partials(pipeline, report, lambda on_step: operation(pipeline, request, on_step))
    else:
        made = operation(pipeline, request, report)
    found: Sequence[Any] = [made] if isinstance(made, Motion) else made
    sound: tuple[Any, ...] = tuple(one.check() if isinstance(one, Motion) else one for one in found)
    ending: Answer = request.answer(sound)
    if isinstance(ending, Finished) and len(ending.motions) == 1:
        return dataclasses.replace(ending, notice=said(ending.motions[0].meta)[:MAX_NOTICE])
    return ending
