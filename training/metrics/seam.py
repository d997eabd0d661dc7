"""Seam of an edit: does the motion jump where a part that was made meets a part that was kept?"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from common.errors import InputError

Array = NDArray[Any]
_STILL_M = 1e-4
"""A tenth of a millimetre a frame: the least step that jumps are measured by."""


@dataclasses.dataclass(frozen=True)
class Seam:
    """Jumps in median frame steps of the clip. A steady motion has position 1 and velocity 0."""

    position: float
    velocity: float


def seam_jump(positions: Array, frame: int) -> Seam:
    """Jumps between frames `frame` - 1 and `frame` of joint positions [frame, joint, 3] (m).

    position: mean step of the joints across the border; velocity: the larger of the mean changes of step before and after
    it. Both are divided by the clip's median step, but at least a tenth of a millimetre, so that rest does not blow them up.
    """
    if not 1 < frame < len(positions) - 1:
        raise InputError("frame of the seam", frame, f"2 to {len(positions) - 2}, with two frames on either side")
    steps = np.diff(positions, axis=0)
    usual = max(_STILL_M, float(np.median(np.linalg.norm(steps, axis=-1).mean(axis=-1))))
    across = np.linalg.norm(steps[frame - 1], axis=-1).mean()
    changes = np.linalg.norm(np.diff(steps[frame - 2 : frame + 1], axis=0), axis=-1).mean(axis=-1)
    return Seam(float(across / usual), float(changes.max() / usual))
