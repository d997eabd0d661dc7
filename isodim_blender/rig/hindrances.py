"""What keeps a clip that was put on an armature from showing as it is: settings of the rig that are a person's to change."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import bpy
import numpy as np
from numpy.typing import NDArray

from ...common.rigs.rig import Rig
from .controls import copies
from .place import place_of

_FEW, _SCALED = 3, 0.02
_HOLDING = copies.OVERRULING | {
    "COPY_LOCATION",
    "LIMIT_DISTANCE",
    "LIMIT_LOCATION",
    "LIMIT_ROTATION",
    "FLOOR",
    "MAINTAIN_VOLUME",
}
"""Constraints that turn or shift a bone, or keep it from turning and shifting."""


def of(armature: bpy.types.Object, paths: Collection[str]) -> tuple[str, ...]:
    """A clause for each hindrance, what it is and what to do; paths: data paths, from the object, that the clip keys."""
    found = []
    if armature.mode == "EDIT":
        found.append("it is in Edit Mode, which shows its rest pose: leave it (Tab)")
    if armature.data.pose_position == "REST":
        found.append("the armature shows its rest position: switch it to Pose Position")
    if (scale := uneven(armature)) is not None:
        found.append(scale)
    data = armature.animation_data
    if data is None:
        return tuple(found)
    if data.use_nla and any(track.is_solo for track in data.nla_tracks):
        found.append("an NLA track plays solo: take its star away")
    elif data.use_nla and len(data.nla_tracks):
        if data.action_influence < 1.0:
            found.append(f"the Action's influence is {data.action_influence:g}: set it to 1 in the NLA editor")
        if data.action_blend_type != "REPLACE":
            found.append(f"the Action is blended by {data.action_blend_type}: set it to Replace in the NLA editor")
    driven = sorted({curve.data_path for curve in data.drivers if not curve.mute} & set(paths))
    if driven:
        more = f" and {len(driven) - _FEW} more" if len(driven) > _FEW else ""
        found.append(f"drivers move {', '.join(driven[:_FEW])}{more}: mute them")
    return tuple(found)


def uneven(armature: bpy.types.Object) -> str | None:
    """A clause about an object whose axes are scaled unevenly: what turns in it is sheared; or negatively: it is mirrored."""
    place = place_of(np.array(armature.matrix_world, np.float64))
    if place is not None and place.mirrored:
        return f"{armature.name} has a negative scale, which exchanges its left and right: apply the scale (Ctrl A)"
    if place is None or place.uneven is None:
        return None
    sizes = ", ".join(f"{size:.3g}" for size in place.uneven)
    return f"{armature.name} is scaled unevenly ({sizes}), which shears what turns: apply the scale (Ctrl A)"


def overruled(armature: bpy.types.Object, away: Sequence[str], count: int) -> tuple[tuple[str, ...], int]:
    """Clauses about bones of `away`, which show otherwise than they were put, whose constraints or locks explain it; how many these are.

    count: of all bones that the clip moves.
    """
    bones = armature.pose.bones
    moved = {name: title for name in away if (title := _constraint(bones[name]))}
    locked = [name for name in away if name not in moved and _is_locked(bones[name])]
    found = []
    if moved:
        shown = [f"{name} ({title})" for name, title in moved.items()]
        others = sorted({other for name in moved if (other := _other_armature(armature, bones[name]))})
        instead = f"put the clip on {_list(others)}" if others else "choose under Bones the bones that they follow"
        found.append(
            f"{len(moved)} of {count} bones are moved by constraints: {_list(shown)}: mute these, or {instead}"
        )
    if locked:
        found.append(
            f"{len(locked)} of {count} bones have locked channels, which get no keys: {_list(locked)}: unlock them"
        )
    return tuple(found), len(moved) + len(locked)


def object_held(armature: bpy.types.Object) -> str:
    """A clause about an object that does not go where its keys send it."""
    acting = [item.name for item in armature.constraints if not item.mute and item.influence > 0]
    locked = any((*armature.lock_location, *armature.lock_rotation))
    if acting:
        return f"the object is held by its constraints: {_list(acting)}: mute these, or let the hips carry the way"
    if locked:
        return "the object has locked channels, which get no keys: unlock them, or let the hips carry the way"
    return "the object does not go where its keys send it: look for what else moves it, or let the hips carry the way"


def scaled(rig: Rig, sizes: Mapping[int, NDArray[np.float64]]) -> tuple[str, ...]:
    """A clause about bones that are scaled, of which clips know nothing: their ends are elsewhere.

    sizes: bone -> [look, 3], how long its axes are shown.
    """
    found = {bone: size for bone, size in sizes.items() if np.abs(size - 1.0).max() > _SCALED}
    top = [bone for bone in found if not any(above in found for above in rig.ancestors(bone))]
    if not top:
        return ()
    words = [
        f"{rig.names[bone]} ({', '.join(f'{value:.3g}' for value in found[bone][0])})"
        for bone in top
        if rig.children[bone]
    ]
    return (f"{len(found)} bones are scaled: {_list(words)}: bring their scale to 1",) if words else ()


def _list(words: Sequence[str]) -> str:
    more = f" and {len(words) - _FEW} more" if len(words) > _FEW else ""
    return f"{', '.join(words[:_FEW])}{more}"


def _constraint(bone: bpy.types.PoseBone) -> str:
    """The name of a constraint that may hold a bone elsewhere; empty without one."""
    acting = [item for item in bone.constraints if not item.mute and item.influence > 0 and item.type in _HOLDING]
    return acting[-1].name if acting else ""


def _other_armature(armature: bpy.types.Object, bone: bpy.types.PoseBone) -> str:
    """The name of another armature that a bone is held by; empty without one."""
    targets = [getattr(item, "target", None) for item in bone.constraints if not item.mute and item.influence > 0]
    return next(
        (item.name for item in targets if item is not None and item.type == "ARMATURE" and item != armature), ""
    )


def _is_locked(bone: bpy.types.PoseBone) -> bool:
    return any(bone.lock_rotation) or (bone.lock_rotations_4d and bone.lock_rotation_w) or any(bone.lock_location)
