"""A range in-painted that meets poses on the way: visible tokens where they stand, then offsets that fade."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from backend.generate import Pipeline
from backend.generators.sampling import OnStep
from backend.tokenizers.coder import FRAMES_PER_TOKEN
from common import FPS
from common.motion import quaternions, seam
from common.motion.motion import Motion
from common.motion.seam import seam_jump
from common.motion.skeleton import forward_kinematics
from common.wire.requests import Edit

from . import arrival
from .facts import noted, seams
from .inpaint import Prompted, aligned, outside, planted, sampled, solved
from .pose import Pose, between, chained, piece, pose_of, with_pose
from .window import edited

_ROUNDS = 4


def inpaint_key_poses(pipeline: Pipeline, request: Edit, on_step: OnStep) -> Motion:
    """`inpaint_range` with a clip that stays on both sides and that meets each of the key poses in the world.

    A key whose farthest joint is within the tolerance is left as it came out; others are met exactly. Always arrives.
    Facts: key_errors_cm, the distance of the farthest joint at each key.
    """
    clip, start, end, tolerance_cm = request.clip, request.start, request.end, request.tolerance_cm
    keys = sorted(request.key_poses, key=lambda key: key.frame)
    frames = [key.frame for key in keys]
    poses = chained(piece(clip, max(0, start - 1), max(1, start)), *(key.pose for key in keys))
    share = FPS / clip.fps

    def inpaint(window: Motion, first: int, last: int) -> Motion:
        at = [min(max(round(first + (frame - start) * share), first), last - 1) for frame in frames]
        return _inpainted(
            pipeline, window, (first, last), (at, piece(poses, 1, poses.frames)), request, on_step, tolerance_cm
        )

    new = edited(clip, start, end, inpaint)
    goal = pose_of(piece(poses, 1, poses.frames))
    if clip.fps != FPS:
        new = _corrected(new, start, end, frames, goal, tolerance_cm)
    jumps = seams([(at, seam_jump(new.positions, at)) for at in (start, end) if 0 < at < clip.frames])
    errors = [float(error) for error in errors_cm(new, frames, goal)]
    facts = {
        "range": [start, end],
        "keys": frames,
        "key_errors_cm": errors,
        "prompt": request.prompt,
        "seed": request.seed,
    }
    return noted(new, "keys", **facts, tolerance_cm=tolerance_cm, seams=jumps)


def errors_cm(clip: Motion, frames: list[int], goal: Pose) -> NDArray[np.float64]:
    """[key] cm: how far the farthest joint of a clip is from the poses `goal` at some frames."""
    apart = np.linalg.norm(clip.positions[frames] - forward_kinematics(*goal), axis=-1)
    return 100.0 * apart.max(axis=-1)


def _inpainted(
    pipeline: Pipeline,
    clip: Motion,
    where: tuple[int, int],
    keys: tuple[list[int], Motion],
    request: Prompted,
    on_step: OnStep,
    tolerance_cm: float,
) -> Motion:
    """The edit at 20 frames a second: sampled between the keys, bent to where each stands, planted, corrected."""
    (start, end), (frames, poses) = where, keys
    guide = _guide(clip, start, end, frames, poses)
    keep = outside(clip.frames, start, end)
    keep[[frame // FRAMES_PER_TOKEN for frame in frames]] = True
    old, goal = pose_of(clip), pose_of(poses)
    (candidate,) = sampled(pipeline, guide, keep, request, 1, on_step)
    new = aligned(solved(candidate, start, end), old, start, end)
    stops = [(frame, (goal[0][number, 0], goal[1][number])) for number, frame in enumerate(frames)]
    if end < clip.frames:
        stops.append((end, (old[0][end, 0], old[1][end])))
    before = max(start - 1, 0)
    for frame, like in stops:
        if frame > before:
            new = arrival.arriving(*new, before, frame, like)
        before = frame
    new = _offset(new, frames, goal, start, end)
    new = seam.joined(new, old, start, end)
    for _ in range(_ROUNDS):  # planting moves keys, keys move feet: the two agree after some rounds, or the keys win
        made = planted(clip, new, start, end)
        if (errors_cm(made, frames, goal) <= tolerance_cm).all():
            return made
        new = _offset(pose_of(made), frames, goal, start, end)
    return _corrected(made, start, end, frames, goal, tolerance_cm)


def _guide(clip: Motion, start: int, end: int, frames: list[int], poses: Motion) -> Motion:
    """The clip with straight ways from its frames to the keys and on, so that tokens with keys can be read."""
    stops = [(frame, piece(poses, number, number + 1)) for number, frame in enumerate(frames)]
    parts = [piece(clip, 0, start)] if start else []
    last = start - 1
    for frame, pose in stops:
        parts += [between(parts[-1] if parts else pose, pose, frame - last - 1), pose]
        last = frame
    rest = piece(clip, end, clip.frames) if end < clip.frames else parts[-1]
    parts += [between(parts[-1], rest, end - last - 1), *([rest] if end < clip.frames else [])]
    return chained(*(dataclasses.replace(part, fps=clip.fps) for part in parts if part.frames))


def _corrected(clip: Motion, start: int, end: int, frames: list[int], goal: Pose, tolerance_cm: float) -> Motion:
    """`clip` with the keys met that are farther off than the tolerance."""
    far = errors_cm(clip, frames, goal) > tolerance_cm
    if not far.any():
        return clip
    old = pose_of(clip)
    held = np.array([old[0][frame] for frame in frames]), np.array([old[1][frame] for frame in frames])
    wanted = np.where(far[:, None, None], goal[0], held[0]), np.where(far[:, None], goal[1], held[1])
    return with_pose(clip, _offset(old, frames, wanted, start, end), clip.contacts)


def _offset(pose: Pose, frames: list[int], goal: Pose, start: int, end: int) -> Pose:
    """The pose moved so that it is `goal` at `frames`: each key's offset fades towards its neighbours without a jerk."""
    rotations, root = pose[0].copy(), pose[1].copy()
    turns = seam.rotation_vectors(goal[0], rotations[frames])
    places = goal[1] - root[frames]
    weights = np.zeros((len(root), len(frames)))
    knots = [start - 1, *frames, end]
    for number, (before, at, after) in enumerate(zip(knots, knots[1:], knots[2:], strict=False)):
        for side in (before, after):
            fade = min(abs(side - at), 2 * seam.FADE_FRAMES)
            span = np.arange(fade + 1) / fade
            weights[at + np.sign(side - at) * np.arange(fade)[: len(root)], number] = (1 - span**2 * (3 - 2 * span))[
                :-1
            ]
    vectors = np.einsum("fk,kjc->fjc", weights, turns)
    inside = slice(start, end)
    rotations[inside] = quaternions.multiply(seam.turned_by(vectors[inside]), rotations[inside])
    root[inside] += (weights @ places)[inside]
    return rotations, root
