"""Where the travel of a clip goes: the hips, a root bone, the object, or nowhere; no bpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...common.errors import InputError
from ...common.motion import quaternions
from . import sharing
from .fit import Fit
from .rest import ArmaturePose, Travel

Array = NDArray[np.float64]

ROOTS = ("HIPS", "ROOT", "OBJECT", "IN_PLACE")
_SMOOTH_S = 0.5
_UPRIGHT = 0.4
"""Length of a turn's part about the vertical (a half quaternion) below which it tells no heading: a body upside down."""


def split(fit: Fit, pose: ArmaturePose, mode: str, fps: float) -> tuple[ArmaturePose, Travel | None]:
    """`pose` with its travel where `mode` puts it, and what the object does (None unless `mode` is OBJECT).

    HIPS: the pelvis carries all. ROOT: the root bone goes over the ground with the figure and turns with it, the hips
    keep what is left. OBJECT: the armature object does that. IN_PLACE: the way over the ground is taken out, turns stay.
    The travel is the hips' smoothed path and heading, so that steps still sway. InputError if the rig has no root bone.
    """
    if mode == "HIPS":
        return pose, None
    path = _path(fit, pose, fps)
    if mode == "IN_PLACE":
        return ArmaturePose(pose.rotations, {bone: head - (path - path[0]) for bone, head in pose.heads.items()}), None
    turn = quaternions.about(fit.up, _heading(fit, pose, fps))
    travel = Travel(turn, path - quaternions.rotate(turn, path[0]))
    if mode == "ROOT":
        return _on_root(fit, pose, travel), None
    back = quaternions.inverse(turn)
    rotations = {bone: quaternions.multiply(back, rotation) for bone, rotation in pose.rotations.items()}
    heads = {bone: quaternions.rotate(back, head - travel.translations) for bone, head in pose.heads.items()}
    return ArmaturePose(rotations, heads), travel


def joined(pose: ArmaturePose, travel: Travel) -> ArmaturePose:
    """The pose with the object's travel in it: the inverse of `split` for OBJECT."""
    rotations = {bone: quaternions.multiply(travel.rotations, rotation) for bone, rotation in pose.rotations.items()}
    heads = {
        bone: quaternions.rotate(travel.rotations, head) + travel.translations for bone, head in pose.heads.items()
    }  # fmt: skip
    return ArmaturePose(rotations, heads)


def _on_root(fit: Fit, pose: ArmaturePose, travel: Travel) -> ArmaturePose:
    name = fit.bone_map.root
    if name is None:
        raise InputError(
            "Root",
            "ROOT",
            "HIPS, OBJECT or IN_PLACE: this rig has no root bone below the figure (choose one under Bones)",
        )
    bone = fit.rest.rig.index[name]
    rotation = quaternions.multiply(travel.rotations, fit.rest.rotations[bone])
    head = quaternions.rotate(travel.rotations, fit.rest.rig.heads[bone]) + travel.translations
    return ArmaturePose({bone: rotation, **pose.rotations}, {bone: head, **pose.heads})


def _path(fit: Fit, pose: ArmaturePose, fps: float) -> Array:
    """[frame, 3]: the hips' way over the ground, in the plane through the armature's origin."""
    pelvis = fit.bones("pelvis")[0]
    turn = quaternions.multiply(pose.rotations[pelvis], quaternions.inverse(fit.base("pelvis", pelvis)))
    hips = pose.heads[pelvis] + quaternions.rotate(turn, fit.hips - fit.stance.rig.heads[pelvis])
    return _smooth(hips - (hips @ fit.up)[:, None] * fit.up, fps)


def _heading(fit: Fit, pose: ArmaturePose, fps: float) -> Array:
    """[frame], rad: the pelvis' turn about the vertical since the first frame; carried over where it tells none."""
    pelvis = fit.bones("pelvis")[0]
    turn = quaternions.multiply(pose.rotations[pelvis], quaternions.inverse(fit.base("pelvis", pelvis)))
    turn = quaternions.continuous(turn)
    upright = np.hypot(turn[:, 0], turn[:, 1:] @ fit.up)
    told = np.flatnonzero(upright > _UPRIGHT)
    if len(told) == 0:
        return np.zeros(len(turn))
    heading = np.interp(np.arange(len(turn)), told, sharing.twist_angle(turn[told], fit.up))
    heading = _smooth(heading[:, None], fps)[:, 0]
    return heading - heading[0]


def _smooth(values: Array, fps: float) -> Array:
    """`values` [frame, n] under a Hann window of half a second; the first and the last stay, the ends go on as they went."""
    half = min(max(1, round(_SMOOTH_S * fps / 2)), len(values) - 1)
    if half < 1:
        return values
    before = 2 * values[0] - values[half:0:-1]
    after = 2 * values[-1] - values[-2 : -half - 2 : -1]
    padded = np.concatenate([before, values, after])
    window = np.hanning(2 * half + 3)[1:-1]
    window /= window.sum()
    columns = [np.convolve(column, window, mode="valid") for column in padded.T]
    return np.stack(columns, axis=-1)
