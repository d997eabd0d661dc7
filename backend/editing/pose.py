"""A clip as the two arrays that edits work on, and back."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from common.motion import quaternions
from common.motion.motion import Motion

Array = NDArray[np.float64]

Pose = tuple[Array, Array]
"""Rotations [frame, joint, 4] and root [frame, 3] (m)."""


def pose_of(clip: Motion) -> Pose:
    """The arrays of a clip in double precision."""
    return clip.rotations.astype(np.float64), clip.root.astype(np.float64)


def with_pose(clip: Motion, pose: Pose, contacts: NDArray[np.floating]) -> Motion:
    """`clip` with other frames: a pose and its contacts [frame, 4]."""
    rotations, root = pose
    return dataclasses.replace(
        clip,
        rotations=rotations.astype(np.float32),
        root=root.astype(np.float32),
        contacts=np.asarray(contacts, np.float32),
    )


def piece(clip: Motion, start: int, end: int) -> Motion:
    """The frames start ... end - 1 of a clip, where they stand."""
    return _chosen(clip, np.arange(start, end))


def chained(*clips: Motion) -> Motion:
    """Clips of one rate one after another, where they stand; meta from the first; quaternion signs continuous from the first on."""
    rotations = np.concatenate([clip.rotations for clip in clips])
    return dataclasses.replace(
        clips[0],
        rotations=quaternions.continuous(rotations).astype(np.float32),
        root=np.concatenate([clip.root for clip in clips]),
        contacts=np.concatenate([clip.contacts for clip in clips]),
    )


def held(clip: Motion, at: int, frames: int) -> Motion:
    """Frame `at` of a clip, standing still for some frames; none if `frames` is 0."""
    return _chosen(clip, np.full(frames, at % clip.frames))


def _chosen(clip: Motion, frames: NDArray[np.intp]) -> Motion:
    return dataclasses.replace(
        clip,
        rotations=clip.rotations[frames],
        root=clip.root[frames],
        contacts=clip.contacts[frames],
    )


def between(first: Motion, second: Motion, frames: int) -> Motion:
    """Straight from the last frame of `first` to the first of `second` in some frames that are neither's."""
    amount = (np.arange(1, frames + 1) / (frames + 1))[:, None]
    rotations = quaternions.slerp(first.rotations[-1:], second.rotations[:1], amount)
    root = first.root[-1:] * (1 - amount) + second.root[:1] * amount
    return with_pose(first, (rotations, root), np.zeros((frames, 4)))
