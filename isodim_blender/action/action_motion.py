"""Any Action of any mapped rig as a clip on the canonical skeleton."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator

import bpy
import numpy as np
from numpy.typing import NDArray

from ...common.motion.motion import Motion
from .. import slots
from ..rig import feet, fitting, played, reading, recording
from ..rig.fit import Fit
from ..rig.rigged import Rigged
from . import apply, facts

Read = Callable[[bpy.types.Action], Motion]
_ELSEWHERE_M = 0.1
"""A ground that is further from the rig's own is another one; nearer to it feet float or sink a little."""


@contextlib.contextmanager
def reader(armature: bpy.types.Object, scene: bpy.types.Scene, own_ground: bool = False) -> Iterator[Read]:
    """A function Action -> the clip that the armature plays under it, at `scene`'s frame rate, constraints and drivers included.

    What the object does is in the clip, relative to where it is at the Action's first frame. own_ground: the clip's ground is what
    its own feet stand on, where that is clearly not the rig's: a platform, or a ground that was measured elsewhere. The scene
    and the armature stay as they were. InputError, one sentence, if the rig cannot be mapped or its animation cannot be read.
    """
    fps = apply.frame_rate(scene)
    fitted = Rigged.of(armature).fit
    bones = fitting.mapped(fitted)
    names = [fitted.rest.rig.names[bone] for bone in bones]
    with recording.recorder(armature, scene) as record:
        yield lambda action: _motion(
            fitted, bones, record(action, names), fps, facts.to_meta(action, action.name), own_ground
        )


def motion_of(
    armature: bpy.types.Object, action: bpy.types.Action, scene: bpy.types.Scene, own_ground: bool = False
) -> Motion:
    """The clip of one Action, as `reader` gives it."""
    with reader(armature, scene, own_ground) as read:
        return read(action)


def pose_of(armature: bpy.types.Object, action: bpy.types.Action, scene: bpy.types.Scene) -> Motion:
    """What the armature shows now, keyed or not, as a clip of one frame, on the place of `motion_of(armature, action, scene)`.

    InputError if the rig cannot be mapped.
    """
    fitted = Rigged.of(armature).fit
    bones = fitting.mapped(fitted)
    evaluated = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
    shown = np.array([evaluated.pose.bones[fitted.rest.rig.names[bone]].matrix for bone in bones], np.float64)
    moved = np.array(evaluated.matrix_world, np.float64)
    if any(not path.startswith("pose.") for _, path in slots.curve_paths(action)):
        shown = np.linalg.inv(recording.place_at_start(armature, action, scene)) @ moved @ shown
    return reading.read(fitted, played.pose(bones, shown[None]), apply.frame_rate(scene)).check()


def _motion(
    fitted: Fit,
    bones: list[int],
    matrices: NDArray[np.float64],
    fps: float,
    meta: dict[str, object],
    own_ground: bool,
) -> Motion:
    pose = played.pose(bones, matrices)
    some = played.pose(bones, matrices[fitting.looks(range(len(matrices)))])
    fitted = fitting.on_own_ground(fitted, some)
    height = feet.stood_on(fitted, some) if own_ground else None
    if height is not None and abs(height) > _ELSEWHERE_M:
        fitted = fitted.on_ground(fitted.floor + height * fitted.scale)
    motion = reading.read(fitted, pose, fps, meta)
    return dataclasses.replace(motion, contacts=feet.contacts_of(fitted, pose, fps)).check()
