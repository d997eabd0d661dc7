"""A clip made by script on the canonical skeleton."""

import numpy as np
import pytest

from common.motion import quaternions
from common.motion.motion import Motion
from common.motion.skeleton import JOINTS


def _make_motion(frames=40, fps=20.0, seed=0, meta=None):
    """All joints turn smoothly about random axes and far past half a turn; the root wanders."""
    random = np.random.default_rng(seed)
    steps = random.normal(0.0, 0.25, (frames, len(JOINTS), 4))
    rotations = quaternions.normalized(quaternions.identity(len(JOINTS)) + np.cumsum(steps, axis=0))
    rotations = quaternions.continuous(rotations).astype(np.float32)
    root = np.cumsum(random.normal(0.0, 0.02, (frames, 3)), axis=0).astype(np.float32)
    return Motion(
        rotations=rotations,
        root=root,
        contacts=random.uniform(0, 1, (frames, 4)).astype(np.float32),
        fps=fps,
        meta={"seed": 1, "prompt": "größer 走"} if meta is None else meta,
    )


@pytest.fixture
def make_motion():
    return _make_motion
