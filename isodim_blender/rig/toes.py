"""Toes that lie flat while the ball of the foot stands and the heel lifts; no bpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...common.motion import quaternions
from ...common.rigs.bone_map import SIDES
from .fit import Fit
from .kinematics import Kinematics
from .rest import ArmaturePose

Array = NDArray[np.float64]

_NO_BEND_RAD, _MOST_RAD = np.radians((0.5, 65.0))
"""Toes that need no more than the first are left alone, and none bends further up than the second."""
_LEAST_M = 0.06
"""Toes are at least so long."""
_SLACK_M = 0.001
"""A tip that is no lower than that under its place on the ground is on it."""


def bent(fit: Fit, pose: ArmaturePose) -> ArmaturePose:
    """The pose with toes bent up, no more than needed, so that no tip of them is lower than where it is on a flat foot.

    Where the ball stands, that is flat on the ground. Rigs without toe bones, and toes that a clip bends already, stay as they are.
    """
    rotations = dict(pose.rotations)
    found = Kinematics(fit.rest, pose)
    for side in SIDES:
        bones = fit.bones(f"{side}_foot")
        if not bones or not fit.bones(f"{side}_ankle"):
            continue
        angle, axis = _needed(fit, found, bones[0], tip(fit, side))
        if angle.max() < _NO_BEND_RAD:
            continue
        turn = quaternions.about(axis, -angle)
        for bone in bones:
            rotations[bone] = quaternions.multiply(turn, found.rotation(bone))
    changed = any(rotations[bone] is not rotation for bone, rotation in pose.rotations.items())
    return ArmaturePose(rotations, pose.heads) if changed else pose


def tip(fit: Fit, side: str) -> Array:
    """[3], armature space: where the toes of the stance, or the foot of a rig without toes, end.

    The farthest ahead of the ends of its bones; a tail that points elsewhere, as importers leave them, does not count.
    """
    rig = fit.stance.rig
    ankle = fit.bones(f"{side}_ankle")[0]
    last = (fit.bones(f"{side}_foot") or (ankle,))[-1]
    ahead = quaternions.rotate(fit.wire, (0.0, 0.0, 1.0))
    ends = [rig.tails[last], *(rig.heads[child] for child in rig.children[last])]
    reach = [float((end - rig.heads[last]) @ ahead) for end in ends]
    least = _LEAST_M * fit.scale
    if max(reach) < least:
        return np.asarray(rig.heads[last] + least * ahead)
    return np.asarray(ends[int(np.argmax(reach))])


def _needed(fit: Fit, found: Kinematics, bone: int, end: Array) -> tuple[Array, Array]:
    """[frame] rad and [frame, 3]: how far up the toes bend, and the axis to their left about which down is positive."""
    at_rest = fit.stance.rotations[bone]
    local = quaternions.rotate(quaternions.inverse(at_rest), end - fit.stance.rig.heads[bone])
    across = quaternions.rotate(quaternions.inverse(at_rest), quaternions.rotate(fit.wire, (1.0, 0.0, 0.0)))
    along = quaternions.rotate(found.rotation(bone), local)
    axis = quaternions.rotate(found.rotation(bone), across)
    flat = end @ fit.up - fit.soles - _SLACK_M * fit.scale
    wanted = flat - (found.head(bone) @ fit.up - fit.floor)
    # Turned up by a about the axis, the tip is cosine(a) rise + sine(a) lift + aside high above the ball.
    aside = np.sum(along * axis, axis=-1)[..., None] * axis
    rise, lift = (along - aside) @ fit.up, -np.cross(axis, along - aside) @ fit.up
    wanted = wanted - aside @ fit.up
    length = np.maximum(np.hypot(rise, lift), 1e-12)
    angle = np.arctan2(lift, rise) - np.arccos(np.clip(wanted / length, -1.0, 1.0))
    return np.where((rise < wanted) & (lift > 0.0), np.clip(angle, 0.0, _MOST_RAD), 0.0), axis
