"""A smooth clip by chance, as two arrays; numpy and common only."""

import numpy as np

from common.motion import quaternions
from common.motion.skeleton import JOINTS


def wandering(seed, frames=60):
    """Smooth random turns of all joints and a smooth way."""
    random = np.random.default_rng(seed)
    time = np.arange(frames)[:, None] / 20.0
    axes = random.normal(size=(len(JOINTS), 3))
    axes /= np.linalg.norm(axes, axis=-1, keepdims=True)
    angles = 0.5 * np.sin(2.0 * time + random.uniform(0, 6, len(JOINTS)))
    rotations = quaternions.about(np.broadcast_to(axes, (frames, len(JOINTS), 3)), angles)
    rotations[:, 0] = quaternions.about((0.0, 1.0, 0.0), random.uniform(-3, 3) + 0.5 * time[:, 0])
    root = np.concatenate([np.sin(time + random.uniform(0, 6)), 0.9 + 0 * time, time], axis=-1)
    return rotations, root
