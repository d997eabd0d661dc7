"""From decoded joints to a finished clip: constant bone lengths, feet that stay where they stand, the floor at zero."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from common.motion.motion import Motion
from common.motion.skeleton import poses

from .feet import detect_contacts, ground, plant_feet
from .solve import solve


def finish(positions: NDArray[np.floating], fps: float, meta: dict[str, object]) -> Motion:
    """A checked Motion from joint positions [frame, joint, 3] (m, Y up) whose bone lengths may waver."""
    rotations, root = solve(positions)
    world, joints = poses(rotations, root)
    down = np.array([0.0, ground(joints), 0.0])
    joints, root = joints - down, root - down
    contacts = detect_contacts(joints, fps, floor=0.0)
    rotations, root = plant_feet(rotations, root, contacts, posed=(world, joints, 0.0))
    return Motion(
        rotations=rotations.astype(np.float32),
        root=root.astype(np.float32),
        contacts=contacts.astype(np.float32),
        fps=fps,
        meta=meta,
    ).check()
