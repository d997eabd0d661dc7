"""Joint positions <-> the essential features a frame (HumanML3D, Guo et al., CVPR 2022; dims 0..66 of its 263).

[0] yaw velocity of the root as a half angle per frame; [1:3] root velocity along x and z in the heading frame, metres per
frame; [3] root height, metres; [4:] the other joints relative to the root's x and z, turned into the heading frame. That is
67 numbers for the canonical 22 joints and 64 for KIT-ML's 21: their count tells which (`layout`).
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import layout

FEATURES = layout.HUMANML3D.features
"""Of the canonical skeleton; a prepared folder may hold another layout's."""
YAW, VELOCITY, HEIGHT, POSE = slice(0, 1), slice(1, 3), slice(3, 4), slice(4, None)
GROUPS = (YAW, VELOCITY, HEIGHT, POSE)
"""The groups of dims that share one standard deviation."""

_HEADING_SIGMA = 20.0
"""Frames; HumanML3D's own smoothing of the heading."""
_HEADING_RADIUS = 80  # four sigmas


def heading(positions: ArrayLike) -> NDArray[np.float64]:
    """Yaw [frame] (rad, unwrapped) of the root's heading frame, 0 along +Z and growing towards +X.

    positions: [frame, joint, 3] m. Two details are those of the published features, found by reproducing them: from the
    second frame on the hips enter with the opposite sign to the shoulders, and the direction is smoothed by a Gaussian of 20
    frames; the first frame is where the body faces, unsmoothed. So a recovered clip's first frame faces +Z.
    """
    p = np.asarray(positions, np.float64)
    right_hip, left_hip, right_shoulder, left_shoulder = layout.of_joints(p.shape[1]).facing
    hips = p[:, right_hip] - p[:, left_hip]
    shoulders = p[:, right_shoulder] - p[:, left_shoulder]
    across = shoulders - hips
    across = across / np.maximum(np.linalg.norm(across, axis=-1, keepdims=True), 1e-12)
    forward_x, forward_z = _smoothed(across[:, 2]), _smoothed(-across[:, 0])
    forward_x[0], forward_z[0] = (shoulders + hips)[0, 2], -(shoulders + hips)[0, 0]
    return np.unwrap(np.arctan2(forward_x, forward_z))


def _smoothed(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """A Gaussian over time [frame], the ends held, cut at four sigmas (scipy's `gaussian_filter1d`, mode nearest)."""
    offsets = np.arange(-_HEADING_RADIUS, _HEADING_RADIUS + 1)
    kernel = np.exp(-0.5 * (offsets / _HEADING_SIGMA) ** 2)
    return np.convolve(np.pad(values, _HEADING_RADIUS, mode="edge"), kernel / kernel.sum(), mode="valid")


def _turned(vectors: NDArray[np.float64], yaw: NDArray[np.float64]) -> NDArray[np.float64]:
    """Vectors [..., 3] turned about Y by `yaw` [...] (rad), which takes +Z towards +X."""
    cos, sin = np.cos(yaw), np.sin(yaw)
    x, y, z = np.moveaxis(vectors, -1, 0)
    return np.stack([cos * x + sin * z, y, cos * z - sin * x], axis=-1)


def joints_to_features(positions: ArrayLike) -> NDArray[np.float32]:
    """Features [frame, 67 or 64] of joint positions [frame, 22 or 21, 3] (m, Y up), at least two frames.

    Velocities point from a frame to the next; the last frame repeats the one before.
    """
    p = np.asarray(positions, np.float64)
    yaw = heading(p)
    step = _turned(np.diff(p[:, 0], axis=0), -yaw[1:])[:, [0, 2]]
    motion = np.concatenate([np.diff(-yaw)[:, None] / 2.0, step], axis=-1)
    motion = np.concatenate([motion, motion[-1:]])
    local = _turned(p - p[:, :1] * (1.0, 0.0, 1.0), -yaw[:, None])
    pose = local[:, 1:].reshape(len(p), -1)
    return np.concatenate([motion, p[:, 0, 1:2], pose], axis=-1).astype(np.float32)


def features_to_joints(features: ArrayLike) -> NDArray[np.float64]:
    """Joint positions [..., frame, joint, 3] (m) of features [..., frame, d]: the first frame faces +Z at x = z = 0."""
    f = np.asarray(features, np.float64)
    yaw = yaw_of(f)
    local_step = np.stack([f[..., 1], np.zeros_like(yaw), f[..., 2]], axis=-1)
    step = _turned(local_step[..., :-1, :], yaw[..., 1:])
    root = np.concatenate([np.zeros_like(local_step[..., :1, :]), np.cumsum(step, axis=-2)], axis=-2)
    local = f[..., POSE].reshape(*f.shape[:-1], -1, 3)
    others = _turned(local, yaw[..., None]) + root[..., None, :]
    root[..., 1] = f[..., 3]
    return np.concatenate([root[..., None, :], others], axis=-2)


def yaw_of(features: ArrayLike) -> NDArray[np.float64]:
    """Yaw [..., frame] (rad) of the heading frame of features [..., frame, d]: 0 at the first frame, growing towards +X."""
    half_steps = np.asarray(features, np.float64)[..., 0]
    return -2.0 * (np.cumsum(half_steps, axis=-1) - half_steps)


def mirror(features: ArrayLike) -> NDArray[np.float32]:
    """The features [..., frame, d] of the same motion seen in a mirror: left and right swapped, x negated."""
    f = np.asarray(features, np.float32)
    order, signs = _mirror_table(f.shape[-1])
    return f[..., order] * signs


@functools.cache
def _mirror_table(width: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Which dim of a row of `width` each dim of its mirror image is, and the sign it takes."""
    joints = np.array(layout.of_features(width).mirror[1:])
    pose = 4 + 3 * (joints[:, None] - 1) + np.arange(3)
    signs = np.concatenate([[-1.0, -1.0, 1.0, 1.0], np.tile([-1.0, 1.0, 1.0], len(joints))])
    return np.concatenate([np.arange(4), pose.ravel()]), signs.astype(np.float32)
