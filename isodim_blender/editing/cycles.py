"""A loop on a rig: one period that closes, and a Cycles modifier on each curve that moves."""

from __future__ import annotations

import math
from typing import Any

import bpy
import numpy as np

from ...common.motion import quaternions
from ...common.motion.motion import Motion
from ...common.motion.seam import frame_step, seam_jump
from ..action import apply
from ..rig import recording
from ..rig.rigged import Rigged
from . import span as spans

_STILL = 1e-6
_CARRIES = 0.5
"""Of the longest way of all channels: shorter ones belong to bones that are carried."""
_WHOLE_TURN = 0.5


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
        rotations=quaternions.continuous(loop.rotations[frame]).astype(np.float32),
        root=root,
        contacts=loop.contacts[frame],
        fps=loop.frames * fps / period,
        meta=loop.meta,
    )
    return whole.resampled(fps).cut(0, period + 1)


def repeat(armature: bpy.types.Object, travel: bool) -> int:
    """A Cycles modifier on each curve of the armature's Action that changes; gives how many.

    What carries the figure over the ground goes on with an offset, at its height. All others end where they begin: what
    planted feet left between the last key and the first is spread over the period.
    """
    found = [curve for curve in spans.curves_of(armature, armature.animation_data.action) if _moves(curve)]
    carriers = _carriers(armature, found) if travel else {}
    for curve in found:
        goes_on = curve.data_path in carriers
        _tilt(curve, carriers[curve.data_path][curve.array_index] if goes_on else _rise(curve))
        modifier = curve.modifiers.new("CYCLES")
        modifier.mode_before = modifier.mode_after = "REPEAT_OFFSET" if goes_on else "REPEAT"
        curve.update()
    return len(found)


def _carriers(armature: bpy.types.Object, curves: list[bpy.types.FCurve]) -> dict[str, np.ndarray]:
    """Data path of each location that travels -> [3], the part of its rise over a period that is height: it must not add up."""
    rises: dict[str, np.ndarray] = {}
    for curve in curves:
        if curve.data_path.endswith("location"):
            rises.setdefault(curve.data_path, np.zeros(3))[curve.array_index] = _rise(curve)
    if "location" in rises:  # the object goes, the bones do not
        rises = {"location": rises["location"]}
    farthest = max((np.linalg.norm(rise) for rise in rises.values()), default=0.0)
    fitted = Rigged.of(armature).fit
    found = {}
    for path, rise in rises.items():
        if np.linalg.norm(rise) > _CARRIES * farthest:
            up = _axes(armature, path).T @ fitted.up
            found[path] = (rise @ up) * up
    return found


def _axes(armature: bpy.types.Object, path: str) -> np.ndarray:
    """[3, 3]: the axes of a location channel in armature space, above it nothing turned but about the vertical."""
    if path == "location":
        return np.array(armature.matrix_basis.to_3x3().normalized(), np.float64).T
    return np.array(armature.path_resolve(path.removesuffix(".location")).bone.matrix_local.to_3x3(), np.float64)


def _points(curve: bpy.types.FCurve, name: str) -> np.ndarray:
    points = np.empty(2 * len(curve.keyframe_points), np.float32)
    curve.keyframe_points.foreach_get(name, points)
    return points.reshape(-1, 2)


def _moves(curve: bpy.types.FCurve) -> bool:
    points = _points(curve, "co")
    return len(points) > 1 and float(np.ptp(points[:, 1])) > _STILL


def _rise(curve: bpy.types.FCurve) -> float:
    """From the first key to the last; 0 for a turn that ends a whole turn further, or as the other quaternion."""
    values = _points(curve, "co")[:, 1]
    rise = float(values[-1] - values[0])
    return 0.0 if "rotation" in curve.data_path and abs(rise) > _WHOLE_TURN else rise


def _tilt(curve: bpy.types.FCurve, rise: float) -> None:
    """Takes a rise out of a curve, evenly over its keys."""
    times = _points(curve, "co")[:, 0]
    shift = rise * (times - times[0]) / (times[-1] - times[0])
    for name in ("co", "handle_left", "handle_right"):
        points = _points(curve, name)
        points[:, 1] -= shift
        curve.keyframe_points.foreach_set(name, points.ravel())


def seam(armature: bpy.types.Object, scene: bpy.types.Scene) -> tuple[float, float]:
    """Position and velocity jump of the mapped bones from one period to the next as the rig plays them, in median frame steps."""
    action = armature.animation_data.action
    fitted = Rigged.of(armature).fit
    names = [fitted.rest.rig.names[fitted.bones(slot)[0]] for slot in fitted.bone_map.slots if fitted.bones(slot)]
    at = recording.frames_of(action)[-1]
    with recording.recorder(armature, scene) as record:
        step = frame_step(record(action, names)[..., :3, 3])
        across = record(action, names, range(at - 2, at + 2))[..., :3, 3]
    armature.update_tag(refresh={"TIME"})  # the pose of before came back
    return seam_jump(across, 2, step)


def facts_of(motion: Motion) -> dict[str, Any]:
    """What the edits of an answer say of themselves, the last word of each."""
    settings = motion.meta.get("settings")
    edits = settings.get("edits") if isinstance(settings, dict) else None
    return {name: value for edit in edits or () for name, value in edit.items()}
