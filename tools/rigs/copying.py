"""Rigs whose deforming bones copy control bones, as animators' rigs are built; needs bpy."""

from __future__ import annotations

import bpy

from . import build
from .description import Description

HOWS = ("COPY_TRANSFORMS", "COPY_ROTATION", "LOCAL", "LOCAL_TRANSFORMS", "TWICE", "SWITCHED")
"""What the deforming bones are under: one of Blender's constraints, in local space, two bones that copy one after the other, or
an IK chain that a property blends over the FK chain."""


def copying(description: Description, how: str) -> bpy.types.Object:
    """The described rig, each mapped bone under a constraint on `CTRL-` and its name; arms' controls hang on a helper."""
    armature = build.build(description)
    mapped = [bone for bones in description.bone_map.slots.values() for bone in bones]
    sides = [description.bone_map.slots[f"{side}_shoulder"][0] for side in ("left", "right")]
    bpy.ops.object.mode_set(mode="EDIT")
    bones = armature.data.edit_bones
    for prefix in ("CTRL-", "ORG-") if how in ("TWICE", "SWITCHED") else ("CTRL-",):
        for name in mapped:
            _twin(bones, bones[name], prefix)
        for name in mapped:
            above = next((b.name for b in bones[name].parent_recursive if b.name in mapped), None)
            bones[prefix + name].parent = bones[prefix + above] if above else None
    for name in sides:
        helper = _twin(bones, bones[name], "MCH-")
        bones["CTRL-" + name].parent = helper
    bpy.ops.object.mode_set(mode="OBJECT")
    for bone in armature.pose.bones:
        bone.rotation_mode = "QUATERNION"
    for name in sides:
        carrier = armature.data.bones["CTRL-" + name].parent.name
        above = next(b for b in armature.data.bones[name].parent_recursive if b.name in mapped).name
        constraint = armature.pose.bones[carrier].constraints.new("ARMATURE")
        _aim(constraint.targets.new(), armature, "CTRL-" + above)
    for name in mapped:
        _follow(armature, name, how)
    bpy.context.view_layer.update()
    return armature


def _twin(bones: bpy.types.ArmatureEditBones, bone: bpy.types.EditBone, prefix: str) -> bpy.types.EditBone:
    twin = bones.new(prefix + bone.name)
    twin.head, twin.tail, twin.roll = bone.head, bone.tail, bone.roll
    return twin


def _follow(armature: bpy.types.Object, name: str, how: str) -> None:
    control = f"CTRL-{name}"
    if how == "TWICE":
        _copy(armature, name, "COPY_TRANSFORMS", f"ORG-{name}")
        _copy(armature, f"ORG-{name}", "COPY_TRANSFORMS", control)
    elif how == "SWITCHED":
        _copy(armature, name, "COPY_TRANSFORMS", control)
        over = _copy(armature, name, "COPY_TRANSFORMS", f"ORG-{name}")
        armature["ik"] = 1.0
        stays = armature.pose.bones[f"ORG-{name}"].constraints.new("LIMIT_ROTATION")
        track = armature.pose.bones[f"ORG-{name}"].constraints.new("DAMPED_TRACK")
        track.target, track.subtarget, stays.influence = armature, control, 0.0
        driver = over.driver_add("influence").driver
        driver.type, driver.expression = "SCRIPTED", "ik"
        variable = driver.variables.new()
        variable.name, variable.targets[0].id, variable.targets[0].data_path = "ik", armature, '["ik"]'
    else:
        kind = "COPY_TRANSFORMS" if how.endswith("TRANSFORMS") else "COPY_ROTATION"
        constraint = _copy(armature, name, kind, control)
        if how.startswith("LOCAL"):
            constraint.owner_space = constraint.target_space = "LOCAL"


def _copy(armature: bpy.types.Object, name: str, kind: str, control: str) -> bpy.types.Constraint:
    constraint = armature.pose.bones[name].constraints.new(kind)
    constraint.target, constraint.subtarget = armature, control
    return constraint


def _aim(target: bpy.types.ArmatureConstraintTargets, armature: bpy.types.Object, control: str) -> None:
    target.target, target.subtarget = armature, control
