"""The IsoDiM armature: 22 bones named after the joints, metres, Z up, facing -Y; and any armature's rest pose as arrays."""

from __future__ import annotations

import dataclasses

import bpy
import numpy as np

from ...common.motion import quaternions
from ...common.motion.skeleton import INDEX, JOINTS, PARENTS, rest_positions
from ...common.rigs.rig import Rig
from . import axes
from .rest import RestPose

NAME = "IsoDiM"
_WEIGHT = 0.05
"""A vertex hangs on a bone from this weight on."""
_TOWARDS = {  # the child a bone points at, where a joint has several or the choice is not obvious
    "pelvis": "spine1", "left_hip": "left_knee", "right_hip": "right_knee", "spine1": "spine2",
    "left_knee": "left_ankle", "right_knee": "right_ankle", "spine2": "spine3", "left_ankle": "left_foot",
    "right_ankle": "right_foot", "spine3": "neck", "neck": "head", "left_collar": "left_shoulder",
    "right_collar": "right_shoulder", "left_shoulder": "left_elbow", "right_shoulder": "right_elbow",
    "left_elbow": "left_wrist", "right_elbow": "right_wrist",
}  # fmt: skip
_END_TAILS_M = {  # Blender's axes, from the head of a bone without children
    "left_foot": (0.0, -0.07, 0.0), "right_foot": (0.0, -0.07, 0.0), "head": (0.0, 0.0, 0.18),
    "left_wrist": (0.09, 0.0, 0.0), "right_wrist": (-0.09, 0.0, 0.0),
}  # fmt: skip


def make(scene: bpy.types.Scene, name: str = NAME) -> bpy.types.Object:
    """A new IsoDiM armature at the origin of `scene`; selection, active object and mode stay as they are.

    Edit bones exist only in edit mode, so the bones are made in a scene of their own that is gone afterwards.
    """
    data = bpy.data.armatures.new(name)
    armature = bpy.data.objects.new(name, data)
    workshop = bpy.data.scenes.new(f"{name} workshop")
    try:
        workshop.collection.objects.link(armature)
        layer = workshop.view_layers[0]
        layer.objects.active = armature
        with bpy.context.temp_override(scene=workshop, view_layer=layer, active_object=armature, object=armature):
            bpy.ops.object.mode_set(mode="EDIT")
            _add_bones(data)
            bpy.ops.object.mode_set(mode="OBJECT")
    finally:
        bpy.data.scenes.remove(workshop)
    scene.collection.objects.link(armature)
    for bone in armature.pose.bones:
        bone.rotation_mode = "QUATERNION"
    return armature


def _add_bones(data: bpy.types.Armature) -> None:
    heads = axes.to_blender(rest_positions())
    for joint, (name, parent) in enumerate(zip(JOINTS, PARENTS, strict=True)):
        bone = data.edit_bones.new(name)
        bone.head = heads[joint]
        bone.tail = heads[INDEX[_TOWARDS[name]]] if name in _TOWARDS else heads[joint] + _END_TAILS_M[name]
        # The bone's Z looks ahead, so that both sides bend about mirrored axes; feet already point ahead.
        bone.align_roll((0.0, 0.0, 1.0) if "foot" in name or "ankle" in name else (0.0, -1.0, 0.0))
        if parent >= 0:
            bone.parent = data.edit_bones[JOINTS[parent]]
            bone.use_connect = _TOWARDS[JOINTS[parent]] == name


def limbs_reach(armature: bpy.types.Object, rig: Rig) -> Rig:
    """`rig` with what the armature's IK constraints reach for, and the bones that meshes hang on."""
    goals = {
        rig.index[bone.name]: rig.index[constraint.subtarget]
        for bone in armature.pose.bones
        for constraint in bone.constraints
        if constraint.type == "IK" and constraint.target == armature and constraint.subtarget in rig.index
    }
    return dataclasses.replace(rig, goals=goals, skinned=_skinned(armature, rig))


def _skinned(armature: bpy.types.Object, rig: Rig) -> frozenset[int] | None:
    """Bones with a vertex group that has vertices; None if the armature deforms no mesh."""
    found: set[int] = set()
    meshes = [
        item
        for item in bpy.data.objects
        if item.type == "MESH" and any(m.type == "ARMATURE" and m.object == armature for m in item.modifiers)
    ]
    for mesh in meshes:
        bones = {group.index: rig.index[group.name] for group in mesh.vertex_groups if group.name in rig.index}
        wanted = set(bones)
        for vertex in mesh.data.vertices:
            if not wanted:
                break
            wanted -= {element.group for element in vertex.groups if element.weight > _WEIGHT}
        found |= {bone for group, bone in bones.items() if group not in wanted}
    return frozenset(found) if meshes else None


def rest_pose(armature: bpy.types.Object) -> RestPose:
    """The armature's bones at rest, parents before children."""
    depth: dict[str, int] = {}
    for bone in armature.data.bones:  # parents first, but one limb after the other
        depth[bone.name] = depth[bone.parent.name] + 1 if bone.parent else 0
    bones = sorted(armature.data.bones, key=lambda bone: depth[bone.name])
    index = {bone.name: number for number, bone in enumerate(bones)}
    rig = Rig(
        names=tuple(index),
        parents=tuple(index[bone.parent.name] if bone.parent else -1 for bone in bones),
        heads=np.array([bone.head_local for bone in bones], np.float64).reshape(-1, 3),
        tails=np.array([bone.tail_local for bone in bones], np.float64).reshape(-1, 3),
    )
    turns = np.array([bone.matrix_local.to_3x3() for bone in bones], np.float64).reshape(-1, 3, 3)
    return RestPose(
        rig=rig,
        rotations=quaternions.from_matrix(turns),
        inherits_rotation=np.array([bone.use_inherit_rotation for bone in bones], bool),
        connected=np.array([bone.use_connect for bone in bones], bool),
        local_location=np.array([bone.use_local_location for bone in bones], bool),
    )
