"""The pose that a person declares to be an armature's rest, kept on the object: for rigs whose rest pose is no stance."""

from __future__ import annotations

import json

import bpy
import numpy as np

from ...common.errors import InputError
from ...common.motion import quaternions
from .rest import ArmaturePose, RestPose


def current(armature: bpy.types.Object, rest: RestPose) -> ArmaturePose:
    """What the armature shows now, one frame, all bones in armature space."""
    evaluated = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
    matrices = np.array([evaluated.pose.bones[name].matrix for name in rest.rig.names], np.float64)
    turns = matrices[:, :3, :3] / np.linalg.norm(matrices[:, :3, :3], axis=1, keepdims=True)
    rotations = quaternions.from_matrix(turns)
    return ArmaturePose(
        {bone: turn[None] for bone, turn in enumerate(rotations)},
        {bone: head[None] for bone, head in enumerate(matrices[:, :3, 3])},
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
    except (ValueError, TypeError, AttributeError) as error:
        raise InputError("Pose taken as rest", "damaged", "one that is set anew") from error
    return ArmaturePose(
        {bone: quaternions.normalized(numbers[None, :4]) for bone, numbers in values.items()},
        {bone: numbers[None, 4:] for bone, numbers in values.items()},
    )
