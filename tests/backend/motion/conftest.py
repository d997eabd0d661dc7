"""Motions made by script on the canonical skeleton: rotations [frame, joint, 4] and root [frame, 3] (m), 20 fps."""

import numpy as np
import pytest

from contract import quaternions
from contract.skeleton import HIP_HEIGHT, INDEX, JOINTS, forward_kinematics

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


def _walk(frames=80, heading_rad=0.0):
    """A walk whose standing ankle stays where it is: the root hangs on it. Returns the standing side of each frame too."""
    rotations, root = _standing(frames)
    phase = np.pi * np.arange(frames) / STEP_FRAMES
    for side, shift in (("left", 0.0), ("right", np.pi)):
        swing = np.sin(phase + shift)
        thigh, knee = 0.4 * np.cos(phase + shift), 0.12 + 0.9 * np.clip(-swing, 0.0, 1.0) ** 2
        rotations[:, INDEX[f"{side}_hip"]] = quaternions.about(X, -thigh)
        rotations[:, INDEX[f"{side}_knee"]] = quaternions.about(X, knee)
        rotations[:, INDEX[f"{side}_ankle"]] = quaternions.about(X, np.where(swing > 0, thigh - knee, 0.1))
        arm = quaternions.about(X, 0.4 * np.cos(phase + shift))
        rotations[:, INDEX[f"{side}_shoulder"]] = quaternions.multiply(arm, rotations[:, INDEX[f"{side}_shoulder"]])
    rotations[:, 0] = quaternions.about(Y, np.full(frames, heading_rad))
    ankles = forward_kinematics(rotations, np.zeros_like(root))[:, [INDEX["left_ankle"], INDEX["right_ankle"]]]
    standing = (np.arange(frames) // STEP_FRAMES) % 2
    here = ankles[np.arange(frames), standing]
    travel = np.where(standing[1:] == standing[:-1], here[:-1].T - here[1:].T, 0.0).T
    steps = np.flatnonzero(standing[1:] != standing[:-1]) + 1
    travel[steps - 1] = ankles[steps - 1, standing[steps]] - ankles[steps, standing[steps]]
    root += np.concatenate([np.zeros((1, 3)), np.cumsum(travel, axis=0)]) * (1, 0, 1)
    root[:, 1] = 0.08 - here[:, 1]
    return rotations, root, standing


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
