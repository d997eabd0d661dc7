"""Any Action of any mapped rig as a clip on the canonical skeleton."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator

import bpy
import numpy as np
from numpy.typing import NDArray

from ...common.motion.motion import Motion
from .. import slots, steps
from ..rig import double, feet, fitting, mapping, played, recording
from ..rig import reading as rig_reading
from ..rig.fit import Fit
from ..rig.rigged import Rigged
from ..steps import Steps
from . import apply, facts, versions

Read = Callable[[bpy.types.Action], Motion]
_MOST_KEPT = 8
_kept: dict[int, tuple[object, range, Motion]] = {}
"""session_uid of an Action -> what it was like when it was read, the frames that were read, and the clip."""
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


def reading(
    armature: bpy.types.Object, action: bpy.types.Action, scene: bpy.types.Scene, frames: range | None = None
) -> Steps[Motion]:
    """The clip of one Action, or of those `frames` of it, as `reader` gives it, in steps; remembered while nothing changes.

    What the object does is in the clip, relative to where it is at the first of the frames.
    """
    fps = apply.frame_rate(scene)
    wanted = recording.frames_of(action) if frames is None else frames
    kept, key = (
        _kept.get(action.session_uid),
        (versions.version_of(action), armature.session_uid, fps, _moved_by(armature)),
    )
    if (
        kept is not None
        and kept[0] == key
        and (kept[1] == wanted or (_inside(wanted, kept[1]) and not _travels(action)))
    ):
        return kept[2].cut(wanted.start - kept[1].start, wanted.stop - kept[1].start)
    yield
    fitted = (yield from Rigged.looking(armature)).fit
    bones = fitting.mapped(fitted)
    names = [fitted.rest.rig.names[bone] for bone in bones]
    with double.stage(armature, scene) as stage:
        yield
        playing = stage.play(action, names, wanted)
        matrices = (yield from playing) if stage.aside else steps.at_once(playing)
    yield
    meta = facts.to_meta(action, action.name)
    motion = yield from steps.beside(lambda: _motion(fitted, bones, matrices, fps, meta, False))
    _kept[action.session_uid] = key, wanted, motion
    while len(_kept) > _MOST_KEPT:
        del _kept[next(iter(_kept))]
    return motion


def _inside(wanted: range, there: range) -> bool:
    return there.start <= wanted.start and wanted.stop <= there.stop


def _travels(action: bpy.types.Action) -> bool:
    """Whether the Action moves the object, so that a clip counts from its own first frame."""
    return any(not path.startswith("pose.") for _, path in slots.curve_paths(action))


def _moved_by(armature: bpy.types.Object) -> tuple[object, ...]:
    """What else decides how the armature shows an Action: its map, its stance, its constraints."""
    constraints = [
        (c.type, c.mute, str(getattr(c, "target", None))) for b in armature.pose.bones for c in b.constraints
    ]
    return id(mapping.of(armature)), armature.isodim.stance, hash(tuple(constraints))


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
    return rig_reading.read(fitted, played.pose(bones, shown[None]), apply.frame_rate(scene)).check()


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
    motion = rig_reading.read(fitted, pose, fps, meta)
    return dataclasses.replace(motion, contacts=feet.contacts_of(fitted, pose, fps)).check()
