"""What keeps a clip that was put on an armature from showing as it is: settings of the rig that are a person's to change."""

from __future__ import annotations

from collections.abc import Collection

import bpy

_FEW = 3


def of(armature: bpy.types.Object, paths: Collection[str]) -> tuple[str, ...]:
    """A clause for each hindrance, what it is and what to do; paths: data paths, from the object, that the clip keys."""
    found = []
    if armature.data.pose_position == "REST":
        found.append("the armature shows its rest position: switch it to Pose Position")
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
