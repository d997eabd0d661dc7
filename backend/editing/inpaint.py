"""A range of a clip in-painted from words: visible tokens around masked ones, exact frames outside."""

from __future__ import annotations

import dataclasses
import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from backend.drafts.drafting import Starts, steps
from backend.drafts.facts import Facts
from backend.generate import Pipeline
from backend.generators.sampling import OnStep
from backend.generators.windows import sample
from backend.motion.features import features_to_joints, joints_to_features
from backend.motion.feet import detect_contacts, plant_feet, slide_cm_per_s
from backend.motion.solve import solve
from backend.tokenizers.coder import FRAMES_PER_TOKEN, Array
from common.motion import quaternions, seam
from common.motion.motion import Motion
from common.motion.seam import seam_jump
from common.motion.skeleton import JOINTS, forward_kinematics
from common.wire import requests

from . import arrival
from .borders import smoothed
from .facts import noted, seams
from .pose import Pose, pose_of, with_pose
from .window import Edit, edited

CANDIDATES = 4
"""At least, for a range that has to arrive, where a request does not say how many drafts."""
_NEAREST = 2
"""Candidates for a range that has to arrive; of the two that need least bending, the one whose feet slide less is kept."""
_AS_GOOD = 0.1
"""Drafts that do as much of what is asked as the best one, up to this, are chosen from by how they arrive."""
_SHORTEST_TOKENS = 8
"""Of a range that begins from recorded takes, 1.6 s: in less there is no action, only a way from one pose to the next."""
_BESIDE = 2
"""Frames beyond a border that the seam reads: a place and a speed."""
_PLANTINGS = 3
"""Times that feet are planted: what the borders take back moves the body, and with it feet that stood."""


class Prompted(Protocol):
    """A request with one prompt: words, the seed of the noise, and whatever of `Sampling` it sets."""

    @property
    def prompt(self) -> str:
        """What happens in the new frames."""

    @property
    def seed(self) -> int:
        """Of the noise."""


def inpaint_range(pipeline: Pipeline, request: requests.Edit, on_step: OnStep) -> Motion:
    """The clip with its range in-painted; all other frames keep their pose bit for bit.

    The frames inside the range only set how long it is. `on_step` may raise.
    """
    clip, start, end = request.clip, request.start, request.end
    new = edited(clip, start, end, inpainting(pipeline, request, on_step, request.arrive), follows=not request.arrive)
    borders = [at for at in (start, end) if 0 < at < clip.frames]
    jumps = seams([(at, seam_jump(new.positions, at)) for at in borders])
    facts = {"range": [start, end], "prompt": request.prompt, "seed": request.seed, "arrive": request.arrive}
    return noted(new, "fill", **facts, seams=jumps)


def inpainting(pipeline: Pipeline, request: Prompted, on_step: OnStep, arrive: bool = True) -> Edit:
    """`inpainted` as an edit of a window."""
    return lambda clip, start, end: inpainted(pipeline, clip, start, end, request, on_step, arrive)


def inpainted(
    pipeline: Pipeline, clip: Motion, start: int, end: int, request: Prompted, on_step: OnStep, arrive: bool = True
) -> Motion:
    """A short clip at 20 frames a second with the frames start ... end - 1 in-painted.

    arrive: the new stretch ends where the clip goes on; otherwise the clip follows rigidly from where the stretch ends.
    """
    old = pose_of(clip)
    between = arrive and start > 0 and end < clip.frames
    count = tries(pipeline, request) if between else pipeline.effort(request)
    drafts = candidates(pipeline, clip, start, end, request, count, on_step)
    found = obedient(pipeline, request.prompt, drafts, start, end)
    if between:
        like = old[0][end, 0], old[1][end]
        nearest = sorted(found, key=lambda new: arrival.miss(new[0], new[1], end, like))[:_NEAREST]
        bent = [arrival.arriving(*new, start - 1, end, like) for new in nearest]
        made = [planted(clip, seam.joined(new, old, start, end), start, end) for new in bent]
        return judged(pipeline, request.prompt, min(made, key=lambda one: _slide(one, start, end)), start, end)
    new, old = found[0], _following(found[0], old, start, end)
    return judged(pipeline, request.prompt, planted(clip, seam.joined(new, old, start, end), start, end), start, end)


def tries(pipeline: Pipeline, request: object) -> int:
    """How many candidates a range that has to arrive gets: as many as the request says, else at least `CANDIDATES`."""
    effort = pipeline.effort(request)
    return effort if getattr(request, "effort", None) else max(effort, CANDIDATES)


def obedient(pipeline: Pipeline, prompt: str, drafts: list[Pose], start: int, end: int) -> list[Pose]:
    """The drafts whose frames start ... end - 1 do most of what is asked, the best first."""
    joints = [forward_kinematics(rotations[start:end], root[start:end]) for rotations, root in drafts]
    values = pipeline.drafter.values(prompt, [Facts.of(one) for one in joints])
    order = sorted(range(len(drafts)), key=lambda place: -values[place])
    return [drafts[place] for place in order if values[place] >= max(values) - _AS_GOOD]


def judged(pipeline: Pipeline, prompt: str, clip: Motion, start: int, end: int) -> Motion:
    """A clip at 20 frames a second, its meta saying what the frames start ... end - 1 do of what is asked."""
    verdict = pipeline.drafter.verdict(prompt, Facts.of(clip.positions[start:end]))
    return dataclasses.replace(clip, meta=clip.meta | {"verdict": verdict})


def _slide(clip: Motion, start: int, end: int) -> float:
    """cm/s: how much standing feet slide in the frames start ... end - 1."""
    return slide_cm_per_s(clip.positions[start:end], clip.contacts[start:end], clip.fps)


def candidates(
    pipeline: Pipeline, clip: Motion, start: int, end: int, request: Prompted, count: int, on_step: OnStep
) -> list[Pose]:
    """`count` new stretches, each where the frames before it end; identity and zero beyond two frames beside the range."""
    old = pose_of(clip)
    keep = outside(clip.frames, start, end)
    features = sampled(pipeline, clip, keep, request, count, on_step)
    return [aligned(solved(candidate, start, end), old, start, end) for candidate in features]


def planted(clip: Motion, pose: Pose, start: int, end: int) -> Motion:
    """`clip` with a pose whose feet are planted in the range start ... end - 1 and whose other frames stay as they are."""
    contacts = np.array(clip.contacts)
    contacts[start:end] = detect_contacts(forward_kinematics(*pose), clip.fps)[start:end]
    for _ in range(_PLANTINGS):
        pose = seam.joined(plant_feet(*pose, contacts), pose, start, end)
    return with_pose(clip, smoothed(pose, start, end, clip.fps), contacts)


def outside(frames: int, start: int, end: int) -> NDArray[np.bool_]:
    """[token]: which tokens of a clip have no frame in the range start ... end - 1."""
    keep = np.ones(math.ceil(frames / FRAMES_PER_TOKEN), bool)
    keep[start // FRAMES_PER_TOKEN : -(-end // FRAMES_PER_TOKEN)] = False
    return keep


def encoded(pipeline: Pipeline, clip: Motion) -> Array:
    """Latents [token, d] of a clip at 20 frames a second; the last frame is held to fill the last token."""
    features = joints_to_features(clip.positions)
    still = np.repeat(features[-1:], -clip.frames % FRAMES_PER_TOKEN, axis=0)
    still[:, :3] = 0.0
    padded = np.concatenate([features, still]).astype(np.float32)
    return pipeline.networks.tokenizer.encode(padded[None])[0]


def sampled(
    pipeline: Pipeline, clip: Motion, keep: NDArray[np.bool_], request: Prompted, count: int, on_step: OnStep
) -> NDArray[np.float32]:
    """Features [count, frame, 67] of the clip with the tokens in-painted that are not in `keep` [token]."""
    given = np.repeat(encoded(pipeline, clip)[None], count, axis=0)
    noise = pipeline.noises(request.seed, count, len(keep))
    starts = started(pipeline, request, keep, count)
    if starts is not None:
        given[:, ~keep] = starts.latents
    text, sampling = pipeline.text_states(request.prompt), steps(pipeline.sampling(request), blind=starts is None)
    begin = None if starts is None else starts.begin
    latents = sample(pipeline.networks.generator, text, noise, sampling, on_step, given, keep, begin)
    return pipeline.features(latents)[:, : clip.frames]


def started(pipeline: Pipeline, request: Prompted, keep: NDArray[np.bool_], count: int) -> Starts | None:
    """Found takes for the masked tokens, where those are one range that is long enough for an action."""
    masked = np.flatnonzero(~keep)
    if len(masked) < _SHORTEST_TOKENS or masked[-1] - masked[0] + 1 != len(masked):
        return None
    return pipeline.drafter.starts(request.prompt, len(masked), [request.seed], count)


def solved(features: NDArray[np.float32], start: int, end: int) -> Pose:
    """The pose of a candidate in the range and as far beside it as the seams read; identity and zero elsewhere."""
    frames = len(features)
    near = slice(max(0, start - _BESIDE), min(frames, end + _BESIDE))
    rotations, root = quaternions.identity(frames, len(JOINTS)), np.zeros((frames, 3))
    rotations[near], root[near] = solve(features_to_joints(features[near]))
    return rotations, root


def aligned(new: Pose, old: Pose, start: int, end: int) -> Pose:
    """The new stretch where the frames before it end; without such frames, where those after it begin."""
    at = start - 1 if start > 0 else end
    return arrival.placed(*new, at, (old[0][at, 0], old[1][at]))


def _following(new: Pose, old: Pose, start: int, end: int) -> Pose:
    """The old frames after the range, moved as one to where the new stretch ends."""
    if start == 0 or end == len(old[1]):
        return old
    rotations, root = old[0].copy(), old[1].copy()
    rotations[end:], root[end:] = arrival.placed(old[0][end:], old[1][end:], 0, (new[0][end, 0], new[1][end]))
    return rotations, root
