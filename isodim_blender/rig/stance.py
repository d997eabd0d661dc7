"""The pose that a person declares to be an armature's rest, kept on the object: for rigs whose rest pose is no stance."""

from __future__ import annotations

import json

import bpy
import numpy as np

from ...common.errors import InputError
from ...common.motion import quaternions
from ...common.rigs.bone_map import BoneMap
from .rest import ArmaturePose, RestPose

_SCALED, _TURN = 0.02, 0.5
"""How far from 1 a bone's scale may be; a quaternion that is shorter is none."""


def current(armature: bpy.types.Object, rest: RestPose) -> ArmaturePose:
    """What the armature shows now, one frame, all bones in armature space.

    InputError if a bone is at no place that is a number, or scaled: a clip's bones have the lengths of the rig's rest.
    """
    evaluated = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
    matrices = np.array([evaluated.pose.bones[name].matrix for name in rest.rig.names], np.float64)
    for bone, name in enumerate(rest.rig.names):
        if not np.isfinite(matrices[bone]).all():
            raise InputError(
                f"Pose of {armature.name}", f"no number at {name}", "a pose of numbers (Pose > Clear Transform)"
            )
    sizes = np.linalg.norm(matrices[:, :3, :3], axis=1)
    mirrored = np.linalg.det(matrices[:, :3, :3]) <= 0.0
    carries = np.isin(np.arange(len(sizes)), rest.rig.parents)  # a large head or hand changes no length
    for bone, name in enumerate(rest.rig.names):
        if mirrored[bone] or (carries[bone] and np.abs(sizes[bone] - 1.0).max() > _SCALED):
            scale = ", ".join(f"{size:.3g}" for size in sizes[bone] * (-1.0 if mirrored[bone] else 1.0))
            raise InputError(
                f"Pose of {armature.name}",
                f"scaled at {name} ({scale})",
                "bones at scale 1 (Alt S in Pose Mode clears it)",
            )
    rotations = quaternions.from_matrix(matrices[:, :3, :3] / sizes[:, None])
    return ArmaturePose(
        {bone: turn[None] for bone, turn in enumerate(rotations)},
        {bone: head[None] for bone, head in enumerate(matrices[:, :3, 3])},
    )


def check(armature: bpy.types.Object, rest: RestPose, bone_map: BoneMap, pose: ArmaturePose) -> None:
    """Nothing, if `pose` [one frame] tells where every mapped bone is; otherwise InputError: the bones were renamed since."""
    mapped = [bone for bones in bone_map.slots.values() for bone in bones]
    lost = [bone for bone in mapped if rest.rig.index[bone] not in pose.rotations]
    if lost:
        raise InputError(
            f"Pose of {armature.name} taken as rest",
            f"one without {lost[0]}" + (f" and {len(lost) - 1} more bones" if len(lost) > 1 else ""),
            "one of the bones that it has now: pose it standing and press Current Pose Is My Rest",
        )


def keep(armature: bpy.types.Object, rest: RestPose, pose: ArmaturePose) -> None:
    """Remembers `pose`, one frame, as the armature's stance."""
    values = {
        rest.rig.names[bone]: [*pose.rotations[bone][0].tolist(), *pose.heads[bone][0].tolist()]
        for bone in pose.rotations
    }
    armature.isodim.stance = json.dumps(values)


def kept(armature: bpy.types.Object, rest: RestPose) -> ArmaturePose | None:
    """The remembered stance; None without one. InputError if it is damaged."""
    if not armature.isodim.stance:
        return None
    try:
        values = {
            rest.rig.index[name]: np.array(numbers, np.float64).reshape(7)
            for name, numbers in json.loads(armature.isodim.stance).items()
            if name in rest.rig.index
        }
        whole = all(np.isfinite(numbers).all() and np.linalg.norm(numbers[:4]) > _TURN for numbers in values.values())
        if not whole:
            raise ValueError("no rotation")
    except (ValueError, TypeError, AttributeError) as error:
        raise InputError("Pose taken as rest", "damaged", "one that is set anew") from error
    return ArmaturePose(
        {bone: quaternions.normalized(numbers[None, :4]) for bone, numbers in values.items()},
        {bone: numbers[None, 4:] for bone, numbers in values.items()},
    )
