"""Borders where the speed would jump: the new stretch goes on from the frames that stay, and comes to its own motion in a while."""

from __future__ import annotations

import numpy as np

from common.motion import quaternions, seam
from common.motion.seam import seam_jump
from common.motion.skeleton import forward_kinematics

from .pose import Pose

MOST_JUMP = 1.0
"""Median frame steps: what a border's speed may jump by before it is smoothed; 1.1 is the promise."""
_SPANS_S = (0.2, 0.3, 0.4, 0.6)
"""Seconds over which a border is smoothed; the first that is enough, since feet slide a little while it lasts."""


def smoothed(pose: Pose, start: int, end: int, fps: float) -> Pose:
    """The pose with the borders of the range start ... end - 1 smoothed where they jump; the frames outside stay bit for bit."""
    for at, towards in ((start, 1), (end, -1)):
        if 0 < at < len(pose[1]):
            pose = _smoothed_at(pose, at, towards, (end - start) // 2, fps)
    return pose


def carried(pose: Pose, at: int, towards: int, frames: int) -> Pose:
    """The pose with some frames from the border `at` on (towards 1: at, at + 1 ...; -1: at - 1, at - 2 ...) begun by what is beyond.

    What is beyond goes on at the speed of its last two frames, slower and slower, and gives way to the frames' own motion
    on a smoothstep. The frames beyond stay bit for bit.
    """
    rotations, root = pose[0].copy(), pose[1].copy()
    last = at - 1 if towards > 0 else at
    step = root[last] - root[last - towards]
    turn = seam.rotation_vectors(rotations[last], rotations[last - towards])
    count = np.arange(1, frames + 1)
    gone = count * (1.0 - count / (2.0 * (frames + 1)))
    share = count / (frames + 1)
    own = share * share * (3.0 - 2.0 * share)
    inside = last + towards * count
    on_turn = quaternions.multiply(seam.turned_by(np.multiply.outer(gone, turn)), rotations[last])
    rotations[inside] = quaternions.slerp(on_turn, rotations[inside], own[:, None])
    on_root = root[last] + np.multiply.outer(gone, step)
    root[inside] = on_root + own[:, None] * (root[inside] - on_root)
    return rotations, root


def _smoothed_at(pose: Pose, at: int, towards: int, longest: int, fps: float) -> Pose:
    last = at - 1 if towards > 0 else at
    if not 0 <= last - towards < len(pose[1]):
        return pose
    found = [(_jump(pose, at), pose)]
    for seconds in _SPANS_S:
        frames = round(seconds * fps)
        if found[-1][0] <= MOST_JUMP or not 1 <= frames <= longest:
            break
        again = carried(pose, at, towards, frames)
        found.append((_jump(again, at), again))
    return min(found, key=lambda one: max(one[0], MOST_JUMP))[1]


def _jump(pose: Pose, at: int) -> float:
    return max(seam_jump(forward_kinematics(*pose), at))
