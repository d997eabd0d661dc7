"""Motion along a curve on the ground: the clip's own smooth root path is bent on to the curve, its sway kept."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from backend.generate import Pipeline
from backend.generators.sampling import OnStep
from backend.generators.windows import MAX_TOKENS, shifted
from backend.motion.features import features_to_joints
from backend.motion.feet import detect_contacts, plant_feet
from backend.tokenizers.coder import FRAMES_PER_TOKEN
from common import FPS
from common.errors import InputError
from common.motion import quaternions
from common.motion.motion import Motion
from common.wire.requests import MAX_MOTION_S, MIN_CLIP_FRAMES, MIN_PATH_M, Path

from .blend import decoded
from .curve import Curve, Points, curve, smoothed
from .extend import extended
from .facts import noted
from .pose import Pose, pose_of, with_pose

_PROBE_TOKENS = MAX_TOKENS
_SWAY_S, _HEADING_S = 0.4, 0.4
"""Widths (s) of the Gaussians that take the sway of a step out of the root path and corners out of the heading."""
_SLOWEST_M_S = 0.15
"""Mean speed below which a clip goes nowhere, and no curve can be followed at its own speed."""
_TRIES = 3
"""Longer clips that are made until one is as long as the curve: the speed of one says only about what the next one's is."""
_ROUNDS_S = (0.5, 0.4, 0.3, 0.25, 0.2, 0.15)
"""Widths (s) of the corrections that take sway away where it leads too far off the curve."""
_MARGIN = 1.15
"""A clip 15 % longer than the curve at its mean speed, which the motion does not keep everywhere."""
_ALLOWED_M = 0.04
"""Deviation at which the corrections stop; 5 cm is what is promised."""
_UP = np.array([0.0, 1.0, 0.0])


def path(pipeline: Pipeline, request: Path, on_step: OnStep) -> Motion:
    """A clip whose root follows the curve through the request's points from end to end, turned with it, feet planted.

    It is made from words at 20 frames a second, or from the request's clip, which the words continue where it is too short. With
    seconds it is then played faster or slower, so that feet stay planted. InputError where the words go nowhere, or would
    take more than a minute. Facts: those of `along`, and speed, that of the playing.
    """
    line = curve(request.points)
    first = request.clip or _walk(
        pipeline, request, _PROBE_TOKENS * FRAMES_PER_TOKEN / FPS, shifted(on_step, 0, _TRIES + 1)
    )
    long_enough = _MARGIN * line.length  # what is too long is cut off
    for turn in range(_TRIES):
        length = _length(_root_path(first))
        if length >= long_enough:
            break
        speed = length / first.seconds
        if speed < _SLOWEST_M_S:
            field = "prompt" if request.clip is None else "clip"
            raise InputError(field, request.prompt, "motion that leads somewhere")
        needed = _MARGIN * line.length / speed
        if needed > MAX_MOTION_S * _MARGIN:
            allowed = f"at most {MAX_MOTION_S * speed:.0f} m at this speed"
            raise InputError("points", f"{line.length:.1f} m long", allowed)
        again = shifted(on_step, turn + 1, _TRIES + 1)
        if request.clip is None:
            first = _walk(pipeline, request, needed, again)
        else:
            first = extended(pipeline, first, needed - first.seconds, request, again)
        long_enough = line.length
    new = along(first, request.points)
    return new if request.seconds is None else _timed(new, request.seconds)


def along(clip: Motion, points: Points) -> Motion:
    """`clip` bent so that its root follows the curve through `points` [n, 2] (x, z, m) at the clip's own speed.

    It is cut off where the curve ends, and ends on it where the clip is shorter. Facts: curve_m, covered_m, deviation_cm
    (the root's largest distance from the curve as given, its sway included).
    """
    line = curve(points)
    root_path = _root_path(clip)
    gone = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(root_path, axis=0), axis=-1))])
    if gone[-1] < MIN_PATH_M:
        raise InputError("clip", "a body that stays where it is", "one that moves over the ground")
    frames = max(MIN_CLIP_FRAMES, int(np.searchsorted(gone, line.length, side="right")))
    rotations, root = _bent(pose_of(clip), root_path, line, gone, clip.fps)
    contacts = detect_contacts(clip.positions, clip.fps)[:frames]
    near = _near((rotations[:frames], root[:frames]), line, line.at(gone[:frames]), clip.fps)
    pose = plant_feet(*near, contacts, keep_root_path=True)  # in a corner feet would lead the body off the curve
    new = with_pose(clip, pose, contacts).check()
    facts = {"curve_m": line.length, "covered_m": float(min(gone[frames - 1], line.length))}
    return noted(new, "path", **facts, deviation_cm=_deviation_m(pose, line) * 100)


def _timed(clip: Motion, seconds: float) -> Motion:
    """The clip played in some seconds, at its own frame rate."""
    speed = clip.seconds / seconds
    new = dataclasses.replace(clip, fps=clip.fps * speed).resampled(clip.fps)
    return noted(new, "timed", seconds=seconds, speed=speed)


def _walk(pipeline: Pipeline, request: Path, seconds: float, on_step: OnStep) -> Motion:
    """From words: the best of several drafts as long as one window is long enough, a single blind one beyond.

    It is judged before it is bent: where it goes is the curve's business, how it goes the words'.
    """
    frames = round(seconds * FPS)
    tokens = -(-frames // FRAMES_PER_TOKEN)
    several = tokens <= MAX_TOKENS
    drafts = pipeline.effort(request) if several else 1
    starts = pipeline.drafter.starts(request.prompt, tokens, [request.seed], drafts) if several else None
    noise, sampling = pipeline.noises(request.seed, drafts, tokens), pipeline.sampling(request)
    latents = pipeline.sample(pipeline.text_states(request.prompt), noise, sampling, on_step, starts)
    joints = [features_to_joints(row) for row in pipeline.features(latents)[:, :frames]]
    (kept,) = pipeline.drafter.kept(request.prompt, joints, drafts, starts)
    settings = dataclasses.asdict(sampling) | {"seconds": request.seconds, "frames": frames}
    meta = pipeline.meta(request.prompt, request.seed, settings) | {"verdict": kept.verdict}
    return decoded(pipeline, latents[kept.row], frames, meta)


def _root_path(clip: Motion) -> NDArray[np.float64]:
    """[frame, 2]: where the root goes (x, z, m) without the sway of its steps."""
    return smoothed(clip.root[:, ::2].astype(np.float64), _SWAY_S * clip.fps)


def _length(root_path: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(np.diff(root_path, axis=0), axis=-1).sum())


def _bent(pose: Pose, root_path: NDArray[np.float64], line: Curve, gone: NDArray[np.float64], fps: float) -> Pose:
    """The pose with its root path [frame, 2] laid on the curve at the arc lengths `gone` [frame]: sway and heading turn along."""
    rotations, root = pose
    turn = quaternions.about(_UP, _headings(line.at(gone), fps) - _headings(root_path, fps))
    sway = np.zeros_like(root)
    sway[:, ::2] = root[:, ::2] - root_path
    place = np.zeros_like(root)
    place[:, ::2] = line.at(gone)
    place[:, 1] = root[:, 1]
    turned = rotations.copy()
    turned[:, 0] = quaternions.multiply(turn, rotations[:, 0])
    return quaternions.continuous(turned), place + quaternions.rotate(turn, sway)


def _headings(root_path: NDArray[np.float64], fps: float) -> NDArray[np.float64]:
    """[frame] rad, from +Z towards +X, unwrapped: where a root path [frame, 2] leads, smooth; where it stands, where it led."""
    steps = np.gradient(smoothed(root_path, _HEADING_S * fps), axis=0)
    moving = np.linalg.norm(steps, axis=-1) > 0.1 * np.linalg.norm(steps, axis=-1).max()
    angle = np.unwrap(np.arctan2(steps[moving, 0], steps[moving, 1]))
    frames = np.arange(len(root_path))
    return smoothed(np.interp(frames, frames[moving], angle)[:, None], 0.5 * _HEADING_S * fps)[:, 0]


def _near(pose: Pose, line: Curve, goal: NDArray[np.float64], fps: float) -> Pose:
    """The pose with its root as near to `goal` [frame, 2] as some rounds take it."""
    rotations, root = pose[0], pose[1].copy()
    for sigma_s in _ROUNDS_S:
        if _deviation_m((rotations, root), line) <= _ALLOWED_M:
            break
        root[:, ::2] -= smoothed(root[:, ::2] - goal, sigma_s * fps)
    return rotations, root


def _deviation_m(pose: Pose, line: Curve) -> float:
    return float(line.distance(pose[1][:, ::2]).max())
