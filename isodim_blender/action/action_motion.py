"""Any Action of any mapped rig as a clip on the canonical skeleton."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator

import bpy
import numpy as np
from numpy.typing import NDArray

from ...common.motion import quaternions
from ...common.motion.motion import Motion
from .. import slots
from ..rig import feet, reading, recording
from ..rig.fit import Fit
from ..rig.rest import ArmaturePose
from ..rig.rigged import Rigged
from . import apply, facts

Read = Callable[[bpy.types.Action], Motion]


@contextlib.contextmanager
def reader(armature: bpy.types.Object, scene: bpy.types.Scene) -> Iterator[Read]:
    """A function Action -> the clip that the armature plays under it, at `scene`'s frame rate, constraints and drivers included.

    What the object does is in the clip, relative to where it is at the Action's first frame. The scene and the armature stay as
    they were. InputError, one sentence, if the rig cannot be mapped or its animation cannot be read.
    """
    fps = apply.frame_rate(scene)
    fitted = Rigged.of(armature).fit
    bones = sorted({bone for slot in fitted.bone_map.slots for bone in fitted.bones(slot)})
    names = [fitted.rest.rig.names[bone] for bone in bones]
    with recording.recorder(armature, scene) as record:
        yield lambda action: _motion(fitted, bones, record(action, names), fps, facts.to_meta(action, action.name))


def motion_of(armature: bpy.types.Object, action: bpy.types.Action, scene: bpy.types.Scene) -> Motion:
    """The clip of one Action, as `reader` gives it."""
    with reader(armature, scene) as read:
        return read(action)


def pose_of(armature: bpy.types.Object, action: bpy.types.Action, scene: bpy.types.Scene) -> Motion:
    """What the armature shows now, keyed or not, as a clip of one frame, on the place of `motion_of(armature, action, scene)`.

    InputError if the rig cannot be mapped.
    """
    fitted = Rigged.of(armature).fit
    bones = sorted({bone for slot in fitted.bone_map.slots for bone in fitted.bones(slot)})
    evaluated = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
    shown = np.array([evaluated.pose.bones[fitted.rest.rig.names[bone]].matrix for bone in bones], np.float64)
    moved = np.array(evaluated.matrix_world, np.float64)
    if any(not path.startswith("pose.") for _, path in slots.curve_paths(action)):
        shown = np.linalg.inv(recording.place_at_start(armature, action, scene)) @ moved @ shown
    return reading.read(fitted, _pose(bones, shown[None]), apply.frame_rate(scene)).check()


def _motion(
    fitted: Fit, bones: list[int], matrices: NDArray[np.float64], fps: float, meta: dict[str, object]
) -> Motion:
    pose = _pose(bones, matrices)
    motion = reading.read(fitted, pose, fps, meta)
    return dataclasses.replace(motion, contacts=feet.contacts_of(fitted, pose, fps)).check()


def _pose(bones: list[int], matrices: NDArray[np.float64]) -> ArmaturePose:
    turns = _rotations(matrices)
    return ArmaturePose(
        {bone: turns[:, column] for column, bone in enumerate(bones)},
        {bone: matrices[:, column, :3, 3] for column, bone in enumerate(bones)},
    )


def _rotations(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    """The rotation [..., 4] nearest to each matrix's upper left part, which may also scale and shear (polar decomposition)."""
    u, _, v = np.linalg.svd(matrices[..., :3, :3])
    u[..., 2] *= np.sign(np.linalg.det(u) * np.linalg.det(v))[..., None]
    return quaternions.from_matrix(u @ v)
