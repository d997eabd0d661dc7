"""A loop on a rig: one period that closes, and a Cycles modifier on each curve that moves."""

from __future__ import annotations

import dataclasses
import math

import bpy
import numpy as np

from ...contract import quaternions
from ...contract.motion import Motion
from ...contract.seam import frame_step, seam_jump
from ...contract.skeleton import forward_kinematics
from .. import apply
from ..rig import armature as rigs
from ..rig import recording
from . import span as spans

_STILL = 1e-6


def closed(loop: Motion, scene: bpy.types.Scene) -> Motion:
    """One period and its first frame again, moved by the clip's own offset, in a whole number of the scene's frames.

    `loop` is one period: after its last frame comes the first, as facts in its `meta` tell. The seconds change by half a scene
    frame at most.
    """
    offset = np.array(facts_of(loop).get("offset_m", (0.0, 0.0, 0.0)), np.float64)
    fps = apply.frame_rate(scene)
    period = max(1, round(loop.seconds * fps))
    wanted = np.arange(loop.frames + math.ceil(loop.frames / period) + 1)  # so that no rate lacks the last frame
    turn, frame = np.divmod(wanted, loop.frames)
    root = (loop.root[frame] + turn[:, None] * offset).astype(np.float32)
    whole = Motion(
        positions=forward_kinematics(loop.rotations[frame], root).astype(np.float32),
        rotations=quaternions.continuous(loop.rotations[frame]).astype(np.float32),
        root=root,
        contacts=loop.contacts[frame],
        fps=loop.frames * fps / period,
        meta=loop.meta,
    )
    return _cut(whole.resampled(fps), period + 1)


def _cut(motion: Motion, frames: int) -> Motion:
    parts = {name: getattr(motion, name)[:frames] for name in ("positions", "rotations", "root", "contacts")}
    return dataclasses.replace(motion, **parts)


def repeat(armature: bpy.types.Object, travel: bool) -> tuple[int, float]:
    """A Cycles modifier on each curve of the armature's Action that changes; gives how many, and the largest gap closed.

    Locations travel with an offset. All others end where they begin: what the rig's own corrections left between the last
    key and the first is spread over the period.
    """
    count, gap = 0, 0.0
    for curve in spans.curves_of(armature, armature.animation_data.action):
        points = np.empty(2 * len(curve.keyframe_points), np.float32)
        curve.keyframe_points.foreach_get("co", points)
        times, values = points[::2], points[1::2]
        if len(values) < 2 or np.ptp(values) < _STILL:
            continue
        goes_on = travel and curve.data_path.endswith("location")
        if not goes_on:
            gap = max(gap, _close(curve, times, values))
        modifier = curve.modifiers.new("CYCLES")
        modifier.mode_before = modifier.mode_after = "REPEAT_OFFSET" if goes_on else "REPEAT"
        curve.update()
        count += 1
    return count, gap


def _close(curve: bpy.types.FCurve, times: np.ndarray, values: np.ndarray) -> float:
    """Tilts a curve so that it ends where it begins; nothing where it ends a turn further, or as the other quaternion."""
    rise = float(values[-1] - values[0])
    if "rotation" in curve.data_path and abs(rise) > 0.5:
        return 0.0
    shift = rise * (times - times[0]) / (times[-1] - times[0])
    keys = curve.keyframe_points
    for name in ("co", "handle_left", "handle_right"):
        points = np.empty(2 * len(keys), np.float32)
        keys.foreach_get(name, points)
        points[1::2] -= shift
        keys.foreach_set(name, points)
    return abs(rise)


def seam(armature: bpy.types.Object, scene: bpy.types.Scene) -> tuple[float, float]:
    """Position and velocity jump of the mapped bones from one period to the next as the rig plays them, in median frame steps."""
    action = armature.animation_data.action
    fitted, _ = apply.fit_of(armature, rigs.rest_pose(armature))
    names = [fitted.rest.rig.names[fitted.bones(slot)[0]] for slot in fitted.bone_map.slots if fitted.bones(slot)]
    at = recording.frames_of(action)[-1]
    with recording.recorder(armature, scene) as record:
        step = frame_step(record(action, names)[..., :3, 3])
        across = record(action, names, range(at - 2, at + 2))[..., :3, 3]
    armature.update_tag(refresh={"TIME"})  # the pose of before came back
    return seam_jump(across, 2, step)


def facts_of(motion: Motion) -> dict[str, object]:
    """What the edits of an answer say of themselves, the last word of each."""
    settings = motion.meta.get("settings")
    edits = settings.get("edits") if isinstance(settings, dict) else None
    return {name: value for edit in edits or () for name, value in edit.items()}
