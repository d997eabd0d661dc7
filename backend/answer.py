"""Any request -> its ending: which operation of `editing` each stands for."""

from __future__ import annotations

from collections.abc import Callable

from backend.editing.asked import Filling
from backend.editing.blend import blend, nudge
from backend.editing.body_part import fill_part
from backend.editing.extend import extend
from backend.editing.fill import fill_range
from backend.editing.inbetween import inbetween
from backend.editing.key_poses import KeyPose, fill_keys
from backend.editing.loop import Looping, loop
from backend.editing.path import Walking, path
from backend.editing.rank import rank
from backend.editing.sequence import Chain, Strip, sequence
from backend.generate import Pipeline
from backend.generators.sampling import changed
from backend.generators.token_generator import OnStep
from backend.partial import with_partials
from backend.serve import Report
from common.errors import InputError
from common.motion.motion import Motion
from common.wire import requests
from common.wire.messages import Finished, Ranked

Answer = Finished | Ranked


_SHOWN = requests.Generate | requests.Sequence
"""What grows from its own beginning; an edit's window stands somewhere in a clip and is shown when it is done."""


def answer(pipeline: Pipeline, request: requests.Drawing, report: Report) -> Answer:
    """What a request of any kind comes to; InputError where it asks for what cannot be, and whatever `report` raises."""
    if request.preview and isinstance(request, _SHOWN):
        return with_partials(pipeline, report, lambda on_step: _answer(pipeline, request, on_step))
    return _answer(pipeline, request, report)


def _answer(pipeline: Pipeline, request: requests.Drawing, on_step: OnStep) -> Answer:
    match request:
        case requests.Generate():
            return Finished(tuple(pipeline.generate(request, on_step)))
        case requests.Rank():
            return Ranked(tuple(rank(pipeline, request.prompt, request.clips, request.seed)))
        case _:
            return Finished((_OPERATIONS[type(request)](pipeline, request, on_step).check(),))


def _filling(pipeline: Pipeline, request: requests.Edit | requests.InBetween | requests.Extend) -> Filling:
    sampling = changed(pipeline.networks.sampling, request)
    return Filling(request.prompt, request.seed, sampling, getattr(request, "arrive", True))


def _edit(pipeline: Pipeline, request: requests.Edit, on_step: OnStep) -> Motion:
    asked = _filling(pipeline, request)
    where = request.clip, request.start, request.end
    if request.part != "all":
        if request.key_poses:
            raise InputError("part", request.part, "all, where key poses have to be met")
        return fill_part(pipeline, *where, request.part, asked, on_step)
    if request.key_poses:
        keys = [KeyPose(key.frame, key.pose) for key in request.key_poses]
        return fill_keys(pipeline, *where, keys, asked, on_step, request.tolerance_cm)
    return fill_range(pipeline, *where, asked, on_step)


def _inbetween(pipeline: Pipeline, request: requests.InBetween, on_step: OnStep) -> Motion:
    return inbetween(
        pipeline, request.first, request.second, request.seconds, _filling(pipeline, request), on_step
    )  # fmt: skip


def _extend(pipeline: Pipeline, request: requests.Extend, on_step: OnStep) -> Motion:
    asked = _filling(pipeline, request)
    return extend(pipeline, request.clip, request.seconds, asked, on_step, before=request.before)


def _sequence(pipeline: Pipeline, request: requests.Sequence, on_step: OnStep) -> Motion:
    strips = tuple(Strip(strip.prompt, strip.seconds) for strip in request.strips)
    return sequence(pipeline, Chain(strips, request.seed, changed(pipeline.networks.sampling, request)), on_step)


def _loop(pipeline: Pipeline, request: requests.Loop, on_step: OnStep) -> Motion:
    sampling = changed(pipeline.networks.sampling, request)
    return loop(pipeline, Looping(request.prompt, request.seed, sampling, request.seconds, request.travel), on_step)


def _path(pipeline: Pipeline, request: requests.Path, on_step: OnStep) -> Motion:
    sampling = changed(pipeline.networks.sampling, request)
    asked = Walking(request.prompt, request.seed, sampling, request.seconds)
    return path(pipeline, request.points, asked, on_step, clip=request.clip)


def _blend(pipeline: Pipeline, request: requests.Blend, on_step: OnStep) -> Motion:
    return blend(pipeline, request.first, request.second, request.amount)


def _nudge(pipeline: Pipeline, request: requests.Nudge, on_step: OnStep) -> Motion:
    return nudge(pipeline, request.clip, request.amount, request.towards)


_OPERATIONS: dict[type, Callable[..., Motion]] = {
    requests.Edit: _edit,
    requests.InBetween: _inbetween,
    requests.Extend: _extend,
    requests.Sequence: _sequence,
    requests.Loop: _loop,
    requests.Path: _path,
    requests.Blend: _blend,
    requests.Nudge: _nudge,
}
