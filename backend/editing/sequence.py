"""Strips of words in a row become one continuous clip: each begins on the tail of the one before, then the borders are sampled again."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np

from backend.drafts.drafting import steps
from backend.generate import Pipeline
from backend.generators.sampling import OnStep
from backend.generators.watching import after
from backend.generators.windows import OVERLAP_TOKENS, sample, shifted
from backend.motion.features import features_to_joints
from backend.tokenizers.coder import FRAMES_PER_TOKEN, Array
from common import FPS
from common.motion.motion import Motion
from common.motion.seam import seam_jump
from common.wire.requests import Sequence, check_sequence_seconds

from .blend import decoded
from .facts import noted, seams

_TRANSITION_TOKENS = 3
"""Tokens on each side of a border that are sampled again, with both strips' motion visible around them: 0.6 s."""
_BESIDE_TOKENS = 12
"""Tokens of each strip that stay visible beside those, 2.4 s. With 18 a border jumps as much in the mean (28 borders: .16 and .40 frame steps with 9
or 18) and a minute takes up to a third longer; with 9 one border in thirty is quicker than the motion around it."""


def sequence(pipeline: Pipeline, request: Sequence, on_step: OnStep) -> Motion:
    """One clip at 20 frames a second; meta["settings"]["strips"] says where each strip begins and ends.

    InputError when the strips together are longer than a minute. `on_step` may raise.
    """
    borders = _borders(pipeline, request)
    sampling = pipeline.sampling(request)
    tokens = [round(frame / FRAMES_PER_TOKEN) for frame in borders[:-1]]
    tokens.append(math.ceil(borders[-1] / FRAMES_PER_TOKEN))
    noise = pipeline.noises(request.seed, pipeline.effort(request), tokens[-1])
    stages = len(request.strips) + (2 if len(request.strips) > 1 else 0)
    current, verdicts = np.zeros_like(noise[:1]), []
    for number, (first, last) in enumerate(itertools.pairwise(tokens)):
        current, verdict = _with_strip(
            pipeline, request, number, (first, last), current, noise, shifted(on_step, number, stages)
        )
        verdicts.append(verdict)
    for turn in range(stages - len(request.strips)):  # every other border, so that no two of a batch touch
        count = shifted(on_step, len(request.strips) + turn, stages)
        current = _transitions(pipeline, request, current, tokens, range(1 + turn, len(request.strips), 2), count)
    strips = [
        {"prompt": strip.prompt, "seed": request.seed, "start": start, "end": end, "verdict": verdict}
        for strip, (start, end), verdict in zip(request.strips, itertools.pairwise(borders), verdicts, strict=True)
    ]
    settings = dataclasses.asdict(sampling) | {"frames": borders[-1], "strips": strips}
    words = ", then ".join(strip.prompt for strip in request.strips)
    clip = decoded(pipeline, current[0], borders[-1], pipeline.meta(words, request.seed, settings))
    jumps = seams([(at, seam_jump(clip.positions, at)) for at in borders[1:-1]])
    return noted(clip, "sequence", seams=jumps)


def _with_strip(
    pipeline: Pipeline,
    request: Sequence,
    number: int,
    where: tuple[int, int],
    current: Array,
    noise: Array,
    on_step: OnStep,
) -> tuple[Array, dict[str, object]]:
    """`current` [1, token, d] with the strip `number` in the tokens `where`, the best of its drafts, and what is said of it.

    noise: [draft, token, d]. The tail of the strip before is visible to all drafts.
    """
    (first, last), prompt = where, request.strips[number].prompt
    part = slice(max(0, first - OVERLAP_TOKENS), last)
    keep = np.arange(part.start, last) < first
    starts = pipeline.drafter.starts(prompt, last - first, [request.seed + number], len(noise))
    drafts = np.repeat(current, len(noise), axis=0)
    if starts is not None:
        drafts[:, first:last] = starts.latents
    with after(current, part.start):
        sampled = sample(
            pipeline.networks.generator,
            pipeline.text_states(prompt),
            noise[:, part],
            steps(pipeline.sampling(request), blind=starts is None),
            on_step,
            drafts[:, part],
            keep,
            None if starts is None else starts.begin,
        )
    features = pipeline.features(sampled)[:, (first - part.start) * FRAMES_PER_TOKEN :]
    (kept,) = pipeline.drafter.kept(prompt, [features_to_joints(row) for row in features], len(noise), starts)
    made = np.concatenate([current[:, : part.start], sampled[kept.row : kept.row + 1], current[:, last:]], axis=1)
    return made, kept.verdict


def _borders(pipeline: Pipeline, request: Sequence) -> list[int]:
    """Frames at which the strips begin, and where the last ends."""
    lengths = [strip.seconds or pipeline.seconds(strip.prompt) for strip in request.strips]
    check_sequence_seconds(lengths)
    return [round(sum(lengths[:count]) * FPS) for count in range(len(lengths) + 1)]


def _transitions(
    pipeline: Pipeline, request: Sequence, current: Array, tokens: list[int], borders: range, on_step: OnStep
) -> Array:
    """`current` [1, token, d] with the tokens beside some borders sampled again, all in one batch, from both strips' words."""
    if not borders:
        return current
    total = current.shape[1]
    size = min(total, 2 * (_TRANSITION_TOKENS + _BESIDE_TOKENS))
    begins = [min(max(0, tokens[border] - size // 2), total - size) for border in borders]
    keep = np.ones((len(begins), size), np.bool_)
    for row, (border, begin) in enumerate(zip(borders, begins, strict=True)):
        shortest = min(tokens[border] - tokens[border - 1], tokens[border + 1] - tokens[border])
        reach = min(_TRANSITION_TOKENS, shortest // 2)
        keep[row, tokens[border] - reach - begin : tokens[border] + reach - begin] = False
    rows = np.concatenate([current[:, begin : begin + size] for begin in begins])
    noise = pipeline.noise(request.seed, len(begins), size)
    both = [f"{request.strips[border - 1].prompt}, then {request.strips[border].prompt}" for border in borders]
    prompts = pipeline.encoder.encode(both)
    sampled = pipeline.networks.generator.inpaint(prompts, rows, keep, noise, pipeline.sampling(request), on_step)
    mended = current.copy()
    for row, begin in enumerate(begins):
        changed = np.flatnonzero(~keep[row])
        mended[0, begin + changed] = sampled[row, changed]
    return mended
