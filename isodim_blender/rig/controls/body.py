"""The mapped bones as one body, whatever bones a control rig has put between them; no bpy."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np

from ....common.rigs.bone_map import BoneMap
from ..kinematics import Kinematics
from ..rest import ArmaturePose, RestPose

_ABOVE = {
    "spine": "pelvis", "neck": "spine", "head": "neck", "collar": "spine", "shoulder": "collar", "elbow": "shoulder",
    "wrist": "elbow", "hip": "pelvis", "knee": "hip", "ankle": "knee", "foot": "ankle",
}  # fmt: skip


def parents(bone_map: BoneMap) -> dict[str, str]:
    """Mapped bone -> the mapped bone that carries it; the pelvis has none."""
    found = {}
    for slot, bones in bone_map.slots.items():
        for above, bone in itertools.pairwise(bones):
            found[bone] = above
        carrier = _carrier(bone_map, slot)
        if carrier and bones:
            found[bones[0]] = carrier
    return found


def _carrier(bone_map: BoneMap, slot: str) -> str | None:
    """The last bone of the nearest slot above that has one."""
    side, _, part = slot.rpartition("_")
    while part in _ABOVE:
        part = _ABOVE[part]
        bones = bone_map.slots.get(f"{side}_{part}") or bone_map.slots.get(part)
        if bones:
            return bones[-1]
    return None


def joined(rest: RestPose, bone_map: BoneMap) -> RestPose:
    """`rest` with each mapped bone under the mapped bone that carries it; indices stay, so that parents may come later."""
    index = rest.rig.index
    above = {index[bone]: index[carrier] for bone, carrier in parents(bone_map).items()}
    inherits = rest.inherits_rotation.copy()
    inherits[list(above)] = True
    order = tuple(above.get(bone, parent) for bone, parent in enumerate(rest.rig.parents))
    return dataclasses.replace(
        rest, rig=dataclasses.replace(rest.rig, parents=order), inherits_rotation=inherits
    )  # fmt: skip


def loose(rest: RestPose, bone_map: BoneMap) -> tuple[int, ...]:
    """Indices of mapped bones that do not hang on the mapped bone before them: feet of IK rigs, limbs of exported deform bones."""
    index = rest.rig.index
    above = {index[bone]: index[carrier] for bone, carrier in parents(bone_map).items()}
    return tuple(bone for bone, carrier in sorted(above.items()) if carrier not in rest.rig.ancestors(bone))


def carried(rest: RestPose, bone_map: BoneMap) -> RestPose:
    """`rest`, with loose bones under the mapped bones that carry them; `rest` itself if none is loose."""
    return joined(rest, bone_map) if loose(rest, bone_map) else rest


def placed(rest: RestPose, bone_map: BoneMap, pose: ArmaturePose) -> ArmaturePose:
    """`pose` with the heads of loose bones where the body has them, since no parent brings them there."""
    bones = loose(rest, bone_map)
    if not bones:
        return pose
    found = Kinematics(joined(rest, bone_map), pose)
    return ArmaturePose(
        pose.rotations, {**dict(zip(bones, np.moveaxis(found.heads(bones), 1, 0), strict=True)), **pose.heads}
    )
