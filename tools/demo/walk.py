"""A walk made by script: three seconds ahead with a wave of the right hand, for pictures before and beside any model."""

import numpy as np

from common.motion import quaternions
from common.motion.motion import Motion
from common.motion.skeleton import HIP_HEIGHT, INDEX, JOINTS, forward_kinematics

X, Y, Z = np.eye(3)


def walk(frames: int = 60, fps: float = 20.0) -> Motion:
    time = np.arange(frames) / fps
    phase = 2 * np.pi * time / 1.1
    rotations = quaternions.identity(frames, len(JOINTS))
    for side, shift, sign in (("left", 0.0, 1.0), ("right", np.pi, -1.0)):
        swing = np.sin(phase + shift)
        knee = 0.1 + 0.8 * np.clip(np.cos(phase + shift), 0, 1) ** 2
        rotations[:, INDEX[f"{side}_hip"]] = quaternions.about(X, -0.1 - 0.45 * swing)
        rotations[:, INDEX[f"{side}_knee"]] = quaternions.about(X, knee)
        rotations[:, INDEX[f"{side}_ankle"]] = quaternions.about(X, 0.1 + 0.45 * swing - knee)
        down = quaternions.about(Z, np.full(frames, -1.25 * sign))
        rotations[:, INDEX[f"{side}_shoulder"]] = quaternions.multiply(quaternions.about(X, 0.4 * swing), down)
        rotations[:, INDEX[f"{side}_elbow"]] = quaternions.about(Y, np.full(frames, -0.35 * sign))
    rotations[:, INDEX["right_shoulder"]] = quaternions.about(Z, np.full(frames, -0.3))
    rotations[:, INDEX["right_elbow"]] = quaternions.about(Z, -1.3 + 0.35 * np.sin(2 * np.pi * time * 1.8))
    root = np.zeros((frames, 3))
    root[:, 2] = 1.1 * time
    root[:, 1] = HIP_HEIGHT
    lowest = forward_kinematics(rotations, root)[..., 1].min(axis=1)
    root[:, 1] -= lowest
    positions = forward_kinematics(rotations, root)
    contacts = (
        positions[:, [INDEX["left_ankle"], INDEX["left_foot"], INDEX["right_ankle"], INDEX["right_foot"]], 1] < 0.09
    )
    arrays = quaternions.continuous(rotations), root, contacts
    rotations, root, contacts = (array.astype(np.float32) for array in arrays)
    return Motion(rotations, root, contacts, fps, {"prompt": "a walk made by script"}).check()
