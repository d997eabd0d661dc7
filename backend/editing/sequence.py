"""Strips of words in a row become one continuous clip: each begins on the tail of the one before, then the borders are drawn again."""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import Any

import torch
from torch import Tensor

from backend.generate import Pipeline
from backend.generators.length import MAX_TOKENS
from backend.generators.sampling import Sampling
from backend.generators.token_generator import OnStep
from backend.generators.watching import after
from backend.generators.windows import OVERLAP_TOKENS, sample, shifted
from backend.tokenizers.conv import FRAMES_PER_TOKEN
from common import FPS, checks
from common.errors import InputError
from common.motion.motion import Motion
from common.motion.seam import seam_jump
from common.wire import requests

from .asked import Filling, noted, seams
from .blend import decoded
from .fill import fill_range

MAX_SEQUENCE_S = 60.0
MAX_STRIPS = 60
_TRANSITION_TOKENS = 3
"""Tokens on each side of a border that are drawn again, with both strips' motion known around them: 0.6 s."""


@dataclasses.dataclass(frozen=True)
class Strip:
    """Words and how long they act, 1 to 20 s; None is the length that the checkpoint expects. InputError otherwise."""

    prompt: str
    seconds: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "prompt", checks.text(1, requests.MAX_PROMPT)("prompt", self.prompt))
        checks.number(requests.MIN_SECONDS, requests.MAX_SECONDS, none="auto")("seconds", self.seconds)


@dataclasses.dataclass(frozen=True)
class Chain:
    """Strips in a row, a minute at most. InputError for none, too many, or a seed that cannot be."""

    strips: tuple[Strip, ...]
    seed: int
    sampling: Sampling

    def __post_init__(self) -> None:
        if not 1 <= len(self.strips) <= MAX_STRIPS:
            raise InputError("strips", f"{len(self.strips)} of them", f"1 to {MAX_STRIPS}")
        checks.integer(0, requests.MAX_SEED)("seed", self.seed)


@torch.inference_mode()
def sequence(pipeline: Pipeline, asked: Chain, on_step: OnStep) -> Motion:
    """One clip at 20 frames a second; meta["settings"]["strips"] says where each strip begins and ends, for `redo_strip`.

    InputError when the strips together are longer than a minute. `on_step` may raise.
    """
    borders = _borders(pipeline, asked)
    tokens = [round(frame / FRAMES_PER_TOKEN) for frame in borders[:-1]]
    tokens.append(math.ceil(borders[-1] / FRAMES_PER_TOKEN))
    noise = pipeline.noise(asked.seed, 1, tokens[-1])
    stages = len(asked.strips) + (2 if len(asked.strips) > 1 else 0)
    current = torch.zeros_like(noise)
    for number, (strip, (first, last)) in enumerate(zip(asked.strips, itertools.pairwise(tokens), strict=True)):
        part = slice(max(0, first - OVERLAP_TOKENS), last)
        known = torch.arange(part.start, last, device=noise.device) < first
        text, count = pipeline.text_states(strip.prompt), shifted(on_step, number, stages)
        with after(current, part.start):
            drawn = sample(
                pipeline.networks.generator, text, noise[:, part], asked.sampling, count, current[:, part], known
            )
        current = torch.cat([current[:, : part.start], drawn, current[:, last:]], dim=1)
    for turn in range(stages - len(asked.strips)):  # every other border, so that no two of a batch touch
        count = shifted(on_step, len(asked.strips) + turn, stages)
        current = _transitions(pipeline, asked, current, tokens, range(1 + turn, len(asked.strips), 2), count)
    strips = [
        {"prompt": strip.prompt, "seed": asked.seed, "start": start, "end": end}
        for strip, (start, end) in zip(asked.strips, itertools.pairwise(borders), strict=True)
    ]
    settings = dataclasses.asdict(asked.sampling) | {"frames": borders[-1], "strips": strips}
    words = ", then ".join(strip.prompt for strip in asked.strips)
    clip = decoded(pipeline, current[0], borders[-1], pipeline.meta(words, asked.seed, settings))
    jumps = seams([(at, seam_jump(clip.positions, at)) for at in borders[1:-1]])
    return noted(clip, "sequence", seams=jumps)


def redo_strip(pipeline: Pipeline, clip: Motion, index: int, asked: Filling, on_step: OnStep) -> Motion:
    """A clip of `sequence` with its strip `index` drawn anew; the others keep their poses. InputError without such a strip."""
    strips = _strips(clip)
    if not 0 <= index < len(strips):
        raise InputError(
            "strip", index, f"0 to {len(strips) - 1}" if strips else "a strip of a clip made as a sequence"
        )
    redone = strips[index] | {"prompt": asked.prompt, "seed": asked.seed}
    new = fill_range(pipeline, clip, redone["start"], redone["end"], asked, on_step)
    settings: Any = new.meta["settings"]
    changed = settings | {"strips": [*strips[:index], redone, *strips[index + 1 :]]}
    return dataclasses.replace(new, meta=new.meta | {"settings": changed})


def _strips(clip: Motion) -> list[dict[str, Any]]:
    settings = clip.meta.get("settings")
    found = settings.get("strips") if isinstance(settings, dict) else None
    return found if isinstance(found, list) else []


def _borders(pipeline: Pipeline, asked: Chain) -> list[int]:
    """Frames at which the strips begin, and where the last ends."""
    lengths = [strip.seconds or pipeline.seconds(pipeline.text_states(strip.prompt)) for strip in asked.strips]
    if sum(lengths) > MAX_SEQUENCE_S + 1e-6:
        raise InputError("seconds of all strips", round(sum(lengths), 2), f"at most {MAX_SEQUENCE_S:g}")
    return [round(sum(lengths[:count]) * FPS) for count in range(len(lengths) + 1)]


def _transitions(
    pipeline: Pipeline, asked: Chain, current: Tensor, tokens: list[int], borders: range, on_step: OnStep
) -> Tensor:
    """`current` [1, token, d] with the tokens beside some borders drawn again, all in one batch, from both strips' words."""
    if not borders:
        return current
    total = current.shape[1]
    size = min(total, MAX_TOKENS)
    begins = [min(max(0, tokens[border] - size // 2), total - size) for border in borders]
    known = torch.ones(len(begins), size, dtype=torch.bool, device=current.device)
    for row, (border, begin) in enumerate(zip(borders, begins, strict=True)):
        shortest = min(tokens[border] - tokens[border - 1], tokens[border + 1] - tokens[border])
        reach = min(_TRANSITION_TOKENS, shortest // 2)
        known[row, tokens[border] - reach - begin : tokens[border] + reach - begin] = False
    rows = torch.cat([current[:, begin : begin + size] for begin in begins])
    noise = pipeline.noise(asked.seed, len(begins), size)
    both = [f"{asked.strips[border - 1].prompt}, then {asked.strips[border].prompt}" for border in borders]
    prompts = pipeline.encoder.encode(both)
    drawn = pipeline.networks.generator.inpaint(prompts, rows, known, noise, asked.sampling, on_step)
    mended = current.clone()
    for row, begin in enumerate(begins):
        changed = (~known[row]).nonzero()[:, 0]
        mended[0, begin + changed] = drawn[row, changed]
    return mended
