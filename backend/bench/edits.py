"""Edits with the loaded checkpoint: seconds warm, seams, slide and deviation, over three seeds."""

from __future__ import annotations

import dataclasses
import statistics
import time
from typing import Any

from backend.generate import Pipeline
from backend.operations import answer
from common.motion.motion import Motion
from common.wire import requests
from common.wire.messages import Ranked

SEEDS = (0, 1, 2)
_WALK = "a person walks forward"
_STRIPS = (
    _WALK, "a person turns left", "a person waves with the right hand", "a person runs forward", "a person jumps",
    "a person sits down",
)  # fmt: skip
_CURVE = ((0.0, 0.0), (0.3, 1.0), (1.2, 1.8), (1.8, 2.8), (1.8, 4.0))
_SEQUENCE_S, _STRIP_S = 60, 4


@dataclasses.dataclass(frozen=True)
class Row:
    """One kind of edit: medians and worst cases over the seeds. None: does not apply."""

    edit: str
    seconds: float
    seam: float | None
    slide_ratio: float | None
    deviation_cm: float | None


def measure(pipeline: Pipeline) -> list[Row]:
    """A row for each kind of edit; every one runs once before it is timed."""
    made: dict[str, list[tuple[float, Motion, Motion | None]]] = {}
    for seed in SEEDS:
        source = _made(pipeline, requests.Generate(_WALK, 9.8, seed=seed))
        for name, (request, before) in _requests(source, seed).items():
            if seed == SEEDS[0]:
                _made(pipeline, request)
            begun = time.perf_counter()
            motion = _made(pipeline, request)
            made.setdefault(name, []).append((time.perf_counter() - begun, motion, before))
    return [_row(name, runs) for name, runs in made.items()]


def minute(seed: int, **asked: Any) -> requests.Sequence:
    """A minute of strips; `asked` are more of its fields."""
    strips = tuple(
        requests.Strip(_STRIPS[place % len(_STRIPS)], float(_STRIP_S)) for place in range(_SEQUENCE_S // _STRIP_S)
    )
    return requests.Sequence(strips, seed=seed, **asked)


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [
        f"| edit, median and worst of {len(SEEDS)} seeds | s | worst seam | slide, share of the clip's own | off the curve, cm |",
        "|---|---:|---:|---:|---:|",
    ]
    for row in rows:
        cells = [_shown(value) for value in (row.seam, row.slide_ratio, row.deviation_cm)]
        lines.append(f"| {row.edit} | {row.seconds:.2f} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _requests(source: Motion, seed: int) -> dict[str, tuple[requests.Request, Motion | None]]:
    """Name -> the request and the clip whose slide its own is held against."""
    jump = "a person jumps"
    return {
        "60 of 196 frames regenerated": (requests.Edit(source, jump, 70, 130, seed=seed), source),
        "the same, the rest follows": (requests.Edit(source, jump, 70, 130, arrive=False, seed=seed), source),
        "upper body of 60 frames": (requests.Edit(source, _STRIPS[2], 70, 130, part="upper", seed=seed), source),
        "3 s more": (requests.Extend(source, _STRIPS[5], 3.0, seed=seed), source),
        "2 s between two clips": (requests.InBetween(source, source, _WALK, 2.0, False, seed=seed), source),
        f"{_SEQUENCE_S} s in {_SEQUENCE_S // _STRIP_S} strips": (minute(seed), None),
        "loop, travelling": (requests.Loop(_WALK, travel=True, seed=seed), None),
        "loop, in place": (requests.Loop(_WALK, seed=seed), None),
        "4.8 m of curve": (requests.Path(_WALK, _CURVE, seed=seed), None),
    }


def _made(pipeline: Pipeline, request: requests.Request) -> Motion:
    ending = answer(pipeline, request, lambda step, total, partial=None: None)
    assert not isinstance(ending, Ranked)
    return ending.motions[0]


def _row(name: str, runs: list[tuple[float, Motion, Motion | None]]) -> Row:
    from backend.motion.contacts import slide_cm_per_s

    seams, slides, deviations = [], [], []
    for _, motion, before in runs:
        settings: Any = motion.meta["settings"]
        facts = settings["edits"][-1]
        seams += [max(seam["position"], seam["velocity"]) for seam in facts.get("seams", ())]
        deviations += [facts["deviation_cm"]] if "deviation_cm" in facts else []
        if before is not None:
            own, was = (slide_cm_per_s(clip.positions, clip.contacts, clip.fps) for clip in (motion, before))
            slides.append(own / max(was, 1e-6))
    seconds = statistics.median(run[0] for run in runs)
    return Row(name, seconds, *(max(values, default=None) for values in (seams, slides, deviations)))


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
