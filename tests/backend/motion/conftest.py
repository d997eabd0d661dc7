"""Motions made by script on the canonical skeleton: rotations [frame, joint, 4] and root [frame, 3] (m), 20 fps."""

import numpy as np
import pytest

from common.motion import quaternions
from common.motion.skeleton import HIP_HEIGHT, INDEX, JOINTS, REST_OFFSETS, forward_kinematics

X, Y, Z = np.eye(3)
STEP_FRAMES = 11


def _standing(frames):
    """Arms hanging, elbows and knees slightly bent, the pelvis above the origin."""
    rotations = quaternions.identity(frames, len(JOINTS))
    for side, sign in (("left", 1.0), ("right", -1.0)):
        rotations[:, INDEX[f"{side}_shoulder"]] = quaternions.about(Z, np.full(frames, -1.2 * sign))
        rotations[:, INDEX[f"{side}_elbow"]] = quaternions.about(Y, np.full(frames, -0.4 * sign))
    root = np.zeros((frames, 3))
    root[:, 1] = HIP_HEIGHT
    return rotations, root


def _leg(rotations, side, forward, height):
    """Bend hip and knee so that the ankle is `forward` and `height` from the hip (m, [frame]); the foot stays level."""
    thigh, shin = (np.linalg.norm(REST_OFFSETS[INDEX[f"{side}_{joint}"]]) for joint in ("knee", "ankle"))
    distance = np.hypot(forward, height)
    knee = np.pi - np.arccos((thigh**2 + shin**2 - distance**2) / (2 * thigh * shin))
    hip = np.arctan2(-forward, -height) - np.arccos((thigh**2 + distance**2 - shin**2) / (2 * thigh * distance))
    for joint, angle in (("hip", hip), ("knee", knee), ("ankle", -hip - knee)):
        rotations[:, INDEX[f"{side}_{joint}"]] = quaternions.about(X, angle)


def _walk(frames=80, heading_rad=0.0):
    """A walk on flat feet that stand in turn, at the very same place, for STEP_FRAMES; also the standing side [frame]."""
    rotations, root = _standing(frames)
    step = np.arange(frames) / STEP_FRAMES
    stride = 0.5
    root[:, 2] = stride * step
    for side, first in (("left", 0.0), ("right", 1.0)):
        cycle, phase = np.divmod(step + first, 2.0)
        swing = np.clip(phase - 1.0, 0.0, 1.0)
        place = stride * (2.0 * cycle + 0.5 - first + 2.0 * swing**2 * (3.0 - 2.0 * swing))
        _leg(rotations, side, place - root[:, 2], -0.76 + 0.12 * np.sin(np.pi * swing) ** 2)
        sign = 1.0 - 2.0 * first
        arm = quaternions.about(X, 0.4 * sign * np.cos(np.pi * step))
        shoulder = INDEX[f"{side}_shoulder"]
        rotations[:, shoulder] = quaternions.multiply(arm, rotations[:, shoulder])
    heading = quaternions.about(Y, heading_rad)
    rotations[:, 0] = heading
    root[:, 1] = 0.0
    root[:, 1] -= forward_kinematics(rotations, root)[..., 1].min()
    return rotations, quaternions.rotate(heading, root), (np.arange(frames) // STEP_FRAMES) % 2


def _cartwheel(frames=60):
    """A full turn about the forward axis, arms and legs spread and straight for a while, then facing backwards."""
    rotations, root = _standing(frames)
    time = np.linspace(0.0, 1.0, frames)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        rotations[:, INDEX[f"{side}_shoulder"]] = quaternions.about(Z, sign * (-1.2 + 2.4 * np.sin(np.pi * time)))
        bend = 0.6 * np.cos(np.pi * time) ** 2
        rotations[:, INDEX[f"{side}_elbow"]] = quaternions.about(Y, -sign * bend)
        spread = quaternions.about(Z, sign * 0.7 * np.sin(np.pi * time))
        rotations[:, INDEX[f"{side}_hip"]] = quaternions.multiply(spread, quaternions.about(X, -bend))
        rotations[:, INDEX[f"{side}_knee"]] = quaternions.about(X, 2.0 * bend)
    turn = quaternions.about(Z, 2 * np.pi * time)
    rotations[:, 0] = quaternions.multiply(quaternions.about(Y, np.pi * time), turn)
    root[:, 0] = 2.0 * time
    return rotations, root


@pytest.fixture
def walk():
    return _walk


@pytest.fixture
def cartwheel():
    return _cartwheel
