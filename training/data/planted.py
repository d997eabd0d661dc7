"""Captured feet that slide, planted before anything is learnt from them: a generator repeats the slide of its data."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backend.motion.feet import detect_contacts, plant_feet, slide_cm_per_s
from backend.motion.solve import solve
from common import FPS
from common.motion.skeleton import forward_kinematics

Array = NDArray[np.float64]


def planted(positions: Array) -> tuple[Array, dict[str, float]]:
    """Joints [frame, 22, 3] (m, 20 fps) with standing feet fixed, and how fast those feet slid before and after.

    Both speeds are means over the same frames, cm/s. Motion without a standing foot comes back as it was.
    """
    contacts = detect_contacts(positions, FPS)
    made = positions
    if contacts.any():
        made = forward_kinematics(*plant_feet(*solve(positions), contacts))
    slides = {"slide_before": positions, "slide_after": made}
    return made, {f"{name}_cm_s": slide_cm_per_s(joints, contacts, FPS) for name, joints in slides.items()}
