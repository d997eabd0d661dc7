"""A part of the body is in-painted in a range; the other joints keep their rotations bit for bit."""

from __future__ import annotations

import dataclasses

import numpy as np

from backend.generate import Pipeline
from backend.generators.sampling import OnStep
from common.motion import quaternions, seam
from common.motion.motion import Motion
from common.motion.seam import seam_jump
from common.wire.requests import Edit

from . import parts
from .facts import noted, seams
from .inpaint import candidates, inpainted, judged, obedient, tries
from .pose import Pose, pose_of, with_pose
from .window import edited


def inpaint_part(pipeline: Pipeline, request: Edit, on_step: OnStep) -> Motion:
    """The clip with the joints of the request's part in-painted in its range.

    All other joints keep their rotations, frames outside keep everything. The root goes with `lower`, which arrives
    where the clip goes on or not, as the request says; for the other parts nothing has to arrive. Contacts are those of
    the legs.
    """
    clip, start, end, part = request.clip, request.start, request.end, request.part
    joints = list(parts.joints_of(part))
    root = parts.moves_root(part)

    def inpaint(window: Motion, first: int, last: int) -> Motion:
        if root:
            return _legs(window, inpainted(pipeline, window, first, last, request, on_step, request.arrive), joints)
        old = pose_of(window)
        drafts = candidates(pipeline, window, first, last, request, tries(pipeline, request), on_step)
        found = obedient(pipeline, request.prompt, drafts, first, last)
        best = min(found, key=lambda new: _unlike(new, old, first, last, list(parts.kept(part))))
        new = old[0].copy(), old[1]
        new[0][:, joints] = best[0][:, joints]
        joined = seam.joined(new, old, first, last)
        made = with_pose(window, (_only(joined[0], old[0], joints), old[1]), window.contacts)
        return judged(pipeline, request.prompt, made, first, last)

    new = edited(clip, start, end, inpaint, follows=root and not request.arrive)
    new = _kept(new, clip, start, end, part)
    jumps = seams([(at, seam_jump(new.positions, at)) for at in (start, end) if 0 < at < clip.frames])
    facts = {"range": [start, end], "joints": part, "prompt": request.prompt, "seed": request.seed}
    return noted(new, "part", **facts, seams=jumps)


def _kept(new: Motion, clip: Motion, start: int, end: int, part: str) -> Motion:
    """`new` with the bits of `clip` in all other joints, which resampling may have touched."""
    rotations, inside = new.rotations.copy(), slice(start, end)
    rotations[inside, list(parts.kept(part))] = clip.rotations[inside, list(parts.kept(part))]
    root = new.root if parts.moves_root(part) else clip.root
    return dataclasses.replace(new, rotations=rotations, root=root)


def _legs(old: Motion, new: Motion, joints: list[int]) -> Motion:
    """The new clip with the joints that are not legs as they were."""
    pose = pose_of(new)
    return with_pose(new, (_only(pose[0], pose_of(old)[0], joints), pose[1]), new.contacts)


def _only(new: np.ndarray, old: np.ndarray, joints: list[int]) -> np.ndarray:
    mixed = old.copy()
    mixed[:, joints] = new[:, joints]
    return mixed


def _unlike(new: Pose, old: Pose, start: int, end: int, joints: list[int]) -> float:
    """How far (rad, mean) a candidate's kept joints are from the clip's: with arms for the same steps, they swing along."""
    inside = slice(start, end)
    return float(quaternions.angle_between(new[0][inside, joints], old[0][inside, joints]).mean())
