"""How an armature of the file takes and gives clips: its map, its controls, and a pose in which it stands on its ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
import numpy as np
from numpy.typing import NDArray

from ...common.errors import InputError
from ...common.rigs import standing
from ...common.rigs.bone_map import BoneMap
from ..steps import Steps, beside
from . import controls, feet, mapping, played, recording, stance
from .controls import body
from .fit import Fit, as_rest, fit, no_stance
from .place import Place, place_of
from .rest import ArmaturePose, RestPose

if TYPE_CHECKING:
    from .controls import Controls

Array = NDArray[np.float64]

_LOOKS = 48
"""Frames of an Action that tell where its feet stand."""
_UP = np.array((0.0, 0.0, 1.0))


def fitted(
    armature: bpy.types.Object, rest: RestPose, stands: ArmaturePose | None = None
) -> Steps[tuple[Fit, Controls | None]]:
    """The fit of an armature that rests in `rest`, and its controls if it has any.

    `stands` [one frame] counts more than the stance kept on the object, and that more than the rest pose. Of a rig whose rest pose
    is no stance the first pose of its Action is taken if somebody stands like that; the fit says so in `borrowed`. InputError
    if the rig cannot be mapped or nobody stands.
    """
    bone_map = mapping.of(armature).check()
    place = _place(armature)
    yield
    handles = controls.find(armature, bone_map)
    yield
    carried = body.carried(rest, bone_map) if handles is None else handles.body(rest)
    chosen = stands or stance.kept(armature, rest)
    if chosen is not None:
        stance.check(armature, rest, bone_map, chosen)
    whose = f"of {armature.name}" if chosen is None else f"of {armature.name}, as it was chosen,"
    found = fault(rest if chosen is None else as_rest(rest, chosen), bone_map, place)
    borrowed = ""
    if (
        found is not None
        and chosen is None
        and (first := (yield from _first_pose(armature, rest, bone_map))) is not None
    ):
        chosen, frame = first
        borrowed = (
            f"its rest pose is {found.clause}: its pose at frame {frame} of {armature.animation_data.action.name} was taken "
            "for it (press Current Pose Is My Rest on another one if that one is wrong)"
        )
        found = None
    if found is not None:
        raise no_stance(whose, found)
    made = yield from beside(lambda: fit(carried, bone_map, chosen, place))
    if borrowed:
        made = made.borrowing(borrowed, chosen)
    return (yield from _grounded(armature, made)), handles


def fault(rest: RestPose, bone_map: BoneMap, place: Place | None) -> standing.Fault | None:
    """What keeps a rest pose from standing, in the world or, for a figure whose object was laid down, in its own data."""
    return _fault(
        {slot: rest.rig.heads[rest.rig.index[bones[0]]] for slot, bones in bone_map.slots.items() if bones}, place
    )


def _fault(joints: standing.Joints, place: Place | None) -> standing.Fault | None:
    found = standing.fault(joints, _UP if place is None else place.up)
    return found if found is None or standing.fault(joints, _UP) is not None else None


def check_stance(armature: bpy.types.Object, rest: RestPose, pose: ArmaturePose) -> None:
    """Nothing, if somebody stands like `pose` [one frame] or the rig lacks parts that tell; otherwise InputError."""
    found = mapping.of(armature)
    wrong = None if found.missing else fault(as_rest(rest, pose), found.bone_map, _place(armature))
    if wrong is not None:
        raise no_stance(f"of {armature.name}, as it is posed now,", wrong)


def trouble(armature: bpy.types.Object) -> str:
    """One sentence about a rest pose in which nobody stands, for the panel; empty if it will do or parts are missing."""
    found = mapping.of(armature)
    place = place_of(np.array(armature.matrix_world, np.float64))
    if found.missing or armature.isodim.stance or place is None:
        return ""
    joints = {slot: found.rig.heads[found.rig.index[bones[0]]] for slot, bones in found.bone_map.slots.items() if bones}
    wrong = _fault(joints, place)
    return "" if wrong is None else str(no_stance(f"of {armature.name}", wrong))


def looks(frames: range) -> list[int]:
    """The places in `frames` that are looked at to find the ground, in order."""
    return sorted({round(place) for place in np.linspace(0, len(frames) - 1, min(_LOOKS, len(frames)))})


def on_own_ground(found: Fit, pose: ArmaturePose) -> Fit:
    """A fit that floats, put where the feet of `pose` stand; the same one if they stand nowhere."""
    height = feet.stood_on(found, pose) if found.floats else None
    return found if height is None else found.on_ground(found.floor + height * found.scale)


def mapped(found: Fit) -> list[int]:
    """The indices of all mapped bones, parents first."""
    return sorted({bone for slot in found.bone_map.slots for bone in found.bones(slot)})


def _place(armature: bpy.types.Object) -> Place:
    place = place_of(np.array(armature.matrix_world, np.float64))
    if place is None:
        scale = ", ".join(f"{value:g}" for value in armature.matrix_world.to_scale())
        raise InputError(f"Scale of {armature.name}", scale, "numbers other than 0 on every axis")
    return place


def _first_pose(
    armature: bpy.types.Object, rest: RestPose, bone_map: BoneMap
) -> Steps[tuple[ArmaturePose, int] | None]:
    """The first pose of the armature's Action and its frame, if somebody stands like that."""
    data = armature.animation_data
    if data is None or data.action is None:
        return None
    first = recording.frames_of(data.action).start
    matrices, places = yield from played.at(armature, bpy.context.scene, [first], rest.rig.names)
    if not np.isfinite(matrices).all():
        return None
    pose = played.pose(range(len(rest.rig.names)), matrices)
    wrong = fault(as_rest(rest, pose), bone_map, place_of(places[0]))
    return None if wrong is not None else (pose, first)


def _grounded(armature: bpy.types.Object, found: Fit) -> Steps[Fit]:
    """A rig that hangs in its data stands where its own Action stands, if it has one."""
    data = armature.animation_data
    if not found.floats or data is None or data.action is None:
        return found
    frames, bones = recording.frames_of(data.action), mapped(found)
    at = [frames[place] for place in looks(frames)]
    if not at:
        return found
    matrices, _ = yield from played.at(armature, bpy.context.scene, at, [found.rest.rig.names[bone] for bone in bones])
    return on_own_ground(found, played.pose(bones, matrices)) if np.isfinite(matrices).all() else found
