"""Motion that repeats: the seam from the last frame to the first is sampled like any gap, on a clip that is a ring of tokens."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from backend.drafts.facts import Facts
from backend.generate import Pipeline
from backend.generators.sampling import OnStep
from backend.generators.windows import MAX_TOKENS, sample, shifted
from backend.motion.features import features_to_joints
from backend.motion.finish import finish
from backend.tokenizers.coder import FRAMES_PER_TOKEN, Array
from common import FPS
from common.motion import quaternions
from common.motion.motion import Motion
from common.motion.seam import seam_jump
from common.wire.requests import Loop

from . import arrival
from .facts import noted
from .inpaint import CANDIDATES
from .pose import pose_of, with_pose

_AUTO_TOKENS = range(5, 21)
"""Periods that are tried where the request leaves it open: 1 to 4 s."""
_SPARE_TOKENS = 8
"""Tokens sampled beyond the period, among which the best place for the seam is sought."""
_SEAM_TOKENS = 3
_STILL = 0.05
"""Added to a stretch's liveliness, of which the gap is a share: else a body that stands still closes best."""
_DRIFT_M = 0.15
"""Travel of a period below which the body is meant to stay."""
_AROUND_TOKENS = 16
"""Tokens beside the ring that the decoder reads at most."""


def loop(pipeline: Pipeline, request: Loop, on_step: OnStep) -> Motion:
    """One period at 20 frames a second: after the last frame comes the first, moved by the offset in the clip's facts.

    Facts: period (frames), offset_m [3] and turn_rad of the root over a period (zero in place; the turn a whole number of
    turns), seam as `seam_jump` of two periods in a row. In place, standing feet slide back under the body as on a treadmill.
    """
    found, verdict = _ring(pipeline, request, shifted(on_step, 0, 2))
    ring = _closed(pipeline, found, request, shifted(on_step, 1, 2))
    features = _one_period(pipeline, ring)
    period = len(features)
    joints = _without_drift(features_to_joints(np.concatenate([features] * 5)), period)
    whole = finish(joints, FPS, {})  # five periods: feet are planted across both seams
    clip, offset = _middle(whole, period)
    if not request.travel:
        away = offset * (np.arange(period) / period)[:, None]
        clip = with_pose(clip, (pose_of(clip)[0], clip.root - away), clip.contacts)
        offset = np.zeros(3)
    settings = dataclasses.asdict(pipeline.sampling(request)) | {"seconds": request.seconds, "frames": period}
    meta = pipeline.meta(request.prompt, request.seed, settings) | {"verdict": verdict}
    clip = dataclasses.replace(clip, meta=meta).check()
    place, speed = loop_seam(clip, offset)
    turn = float(-2.0 * features[:, 0].sum())
    facts = {
        "period": period,
        "offset_m": [float(value) for value in offset],
        "turn_rad": turn,
        "travel": request.travel,
    }
    return noted(clip, "loop", **facts, seams=[{"frame": period, "position": place, "velocity": speed}])


def loop_seam(clip: Motion, offset: NDArray[np.floating]) -> tuple[float, float]:
    """`seam_jump` between the last frame and the first of the next period, which is moved by `offset` [3] (m)."""
    return seam_jump(np.concatenate([clip.positions, clip.positions + offset]), clip.frames)


def _ring(pipeline: Pipeline, request: Loop, on_step: OnStep) -> tuple[Array, dict[str, object]]:
    """The stretch of some blind candidates that comes nearest to closing, latents [token, d], and its verdict.

    It is judged as it was sampled, with its way over the ground: in place nobody walks.
    """
    periods = list(_AUTO_TOKENS)
    if request.seconds is not None:
        periods = [max(1, round(request.seconds * FPS / FRAMES_PER_TOKEN))]
    tokens = min(MAX_TOKENS, max(periods) + _SPARE_TOKENS)
    noise = pipeline.noises(request.seed, CANDIDATES, tokens)
    prompt = pipeline.text_states(request.prompt)
    candidates = sample(pipeline.networks.generator, prompt, noise, pipeline.sampling(request), on_step)
    features = pipeline.features(candidates)
    spread = features.std(axis=(0, 1)) + 1e-3
    gaps = {
        (candidate, period, first): _gap(features[candidate] / spread, first, first + period)
        for candidate in range(CANDIDATES)
        for period in periods
        for first in range(1, tokens - period)
    }
    candidate, period, first = min(gaps, key=lambda key: gaps[key])
    stretch = features_to_joints(features[candidate])[first * FRAMES_PER_TOKEN : (first + period) * FRAMES_PER_TOKEN]
    verdict = pipeline.drafter.verdict(request.prompt, Facts.of(stretch))
    return candidates[candidate, first : first + period], verdict


def _gap(features: NDArray[np.floating], first: int, second: int) -> float:
    """How unlike the frames around two token borders are, pose and speed, as a share of what changes between them."""
    beside = np.arange(-FRAMES_PER_TOKEN // 2, FRAMES_PER_TOKEN // 2 + 1)
    a, b = (features[at * FRAMES_PER_TOKEN + beside] for at in (first, second))
    inside = features[first * FRAMES_PER_TOKEN : second * FRAMES_PER_TOKEN]
    return float(np.abs(a - b).mean() / (inside.std(axis=0).mean() + _STILL))


def _closed(pipeline: Pipeline, ring: Array, request: Loop, on_step: OnStep) -> Array:
    """The ring [token, d] with the tokens at its seam in-painted between those before and those after."""
    period = len(ring)
    reach = min(_SEAM_TOKENS, max(1, period // 4))
    twice = np.concatenate([ring, ring])[None]
    keep = np.ones(2 * period, np.bool_)
    keep[period - reach : period + reach] = False
    noise = pipeline.noise(request.seed, 1, 2 * period)
    prompt = pipeline.text_states(request.prompt)
    sampled = sample(pipeline.networks.generator, prompt, noise, pipeline.sampling(request), on_step, twice, keep)[0]
    return np.concatenate(
        [sampled[period : period + reach], ring[reach : period - reach], sampled[period - reach : period]]
    )


def _one_period(pipeline: Pipeline, ring: Array) -> NDArray[np.float32]:
    """Features [frame, 67] of the ring, decoded with its own repetitions beside it; the turn left over is shared out."""
    beside = -(-_AROUND_TOKENS // len(ring))
    rolled = np.concatenate([ring] * (2 * beside + 1))[None]
    period = len(ring) * FRAMES_PER_TOKEN
    features = pipeline.features(rolled)[0, beside * period : (beside + 1) * period]
    turn = features[:, 0].sum()  # a half angle
    features[:, 0] -= (turn - np.pi * np.round(turn / np.pi)) / period
    return features


def _without_drift(joints: NDArray[np.float64], period: int) -> NDArray[np.float64]:
    """Joints [frame, joint, 3] of a body that hardly leaves its place, brought back to it: feet that never lift would drag."""
    travel = (joints[period, 0] - joints[0, 0]) * (1.0, 0.0, 1.0)
    if np.linalg.norm(travel) > _DRIFT_M:
        return joints
    return joints - (np.arange(len(joints)) / period)[:, None, None] * travel


def _middle(whole: Motion, period: int) -> tuple[Motion, NDArray[np.float64]]:
    """A period in the middle of five, at the origin, facing +Z, and the root's travel [3] (m) to the next.

    A ring begins anywhere: the clip's first frame is where the body moves most evenly.
    """
    first = min(range(period, 2 * period), key=lambda at: max(seam_jump(whole.positions, at)))
    placed = arrival.placed(*pose_of(whole), first, (quaternions.identity(), np.zeros(3)))
    travel = placed[1][first + period] - placed[1][first]
    middle = slice(first, first + period)
    return with_pose(whole, (placed[0][middle], placed[1][middle]), whole.contacts[middle]), travel * (1.0, 0.0, 1.0)
