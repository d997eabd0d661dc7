"""Descriptions as armature objects in Blender, and Rigify's own rigs; needs bpy. All of it works without a window.

Rigify stays enabled in the process, which must then leave by `os._exit`.
"""

from __future__ import annotations

import dataclasses
import functools
import tempfile
from pathlib import Path

import addon_utils
import bpy
import numpy as np
from mathutils import Euler, Matrix

from .description import Description, describe

MODES = ("QUATERNION", "XYZ", "ZXY", "AXIS_ANGLE", "YZX")
_GENERATED = "rig"
_FOLDERS: list[tempfile.TemporaryDirectory[str]] = []
PLACES = ("plain", "fbx", "turned", "parented")
"""How the object stands: as made; as Blender's FBX import leaves it, scaled .01 and turned about X; anywhere; below an empty."""


def build(
    description: Description, place: str = "plain", mixed_modes: bool = False, locks: tuple[str, ...] = ()
) -> bpy.types.Object:
    """An armature object in the scene, active and selected.

    mixed_modes: bones take turns at `MODES`. locks: slots whose first bone has its rotation about Y and Z locked.
    """
    data = bpy.data.armatures.new(description.name)
    armature = bpy.data.objects.new(description.name, data)
    bpy.context.scene.collection.objects.link(armature)
    activate(armature)
    bpy.ops.object.mode_set(mode="EDIT")
    _add_bones(data, description)
    bpy.ops.object.mode_set(mode="OBJECT")
    for number, bone in enumerate(armature.pose.bones):
        bone.rotation_mode = MODES[number % len(MODES)] if mixed_modes else "QUATERNION"
    for slot in locks:
        armature.pose.bones[description.bone_map.slots[slot][0]].lock_rotation = (False, True, True)
    for name, target, count in description.ik:
        constraint = armature.pose.bones[name].constraints.new("IK")
        constraint.name, constraint.target, constraint.subtarget = "IK", armature, target
        constraint.chain_count, constraint.iterations = count, 200
    _stand(armature, description, place)
    bpy.context.view_layer.update()
    return armature


def activate(armature: bpy.types.Object) -> None:
    """The only selected object, and the active one."""
    layer = bpy.context.view_layer
    layer.update()  # it still lists objects that were removed since the last time
    for item in layer.objects.selected:
        item.select_set(False)
    layer.objects.active = armature
    armature.select_set(True)


def metarig() -> bpy.types.Object:
    """Rigify's human metarig, 159 bones."""
    addon_utils.enable("rigify", default_set=True)  # it reads its own preferences
    bpy.ops.object.armature_human_metarig_add()
    return bpy.context.object


def generated() -> bpy.types.Object:
    """The rig that Rigify generates from its human metarig, about 700 bones.

    Rigify takes seconds: it works once in a process, and each further rig is appended from a file with the first one.
    """
    library = _generated_library()
    with bpy.data.libraries.load(str(library), link=False) as (there, wanted):
        wanted.objects = [name for name in there.objects if name == _GENERATED]
    (rig,) = wanted.objects
    bpy.context.scene.collection.objects.link(rig)
    activate(rig)
    return rig


@functools.cache
def _generated_library() -> Path:
    """A .blend file of this process with a freshly generated rig, its widgets and nothing else of the open file."""
    meta = metarig()
    bpy.ops.pose.rigify_generate()
    rig = bpy.context.object
    assert rig is not meta
    bpy.data.objects.remove(meta)
    rig.name = _GENERATED
    folder = tempfile.TemporaryDirectory(prefix="isodim-rigify-")
    _FOLDERS.append(folder)  # removed at the end of the process, where that ends in the ordinary way
    path = Path(folder.name) / "rig.blend"
    bpy.data.libraries.write(str(path), {rig})
    widgets = {bone.custom_shape for bone in rig.pose.bones if bone.custom_shape is not None}
    bpy.data.batch_remove([rig, rig.data, *widgets])
    return path


def many_bones(maker: str, count: int) -> Description:
    """A maker's rig with so many bones: the rest are chains on the head, such as hair or cloth."""
    found = describe(maker)
    rig, more = found.rig, count - len(found.rig.names)
    head = rig.index[found.bone_map.slots["head"][0]]
    first = len(rig.names)
    parents = [head if number % 6 == 0 else first + number - 1 for number in range(more)]
    step = np.array([0.0, 0.0, 0.05]) * found.unit
    spread = np.random.default_rng(0).normal(size=(more // 6 + 1, 3)) * 0.1 * found.unit
    heads = np.array([rig.heads[head] + spread[number // 6] + step * (number % 6) for number in range(more)])
    return dataclasses.replace(
        found,
        rig=dataclasses.replace(
            rig,
            names=(*rig.names, *(f"cloth_{number:03}" for number in range(more))),
            parents=(*rig.parents, *parents),
            heads=np.concatenate([rig.heads, heads]),
            tails=np.concatenate([rig.tails, heads + step]),
        ),
        rolls=np.concatenate([found.rolls, np.zeros(more)]),
        connected=np.concatenate([found.connected, np.zeros(more, bool)]),
    )


def _add_bones(data: bpy.types.Armature, description: Description) -> None:
    rig = description.rig
    for number, name in enumerate(rig.names):
        bone = data.edit_bones.new(name)
        bone.head, bone.tail, bone.roll = rig.heads[number], rig.tails[number], description.rolls[number]
        if rig.parents[number] >= 0:
            bone.parent = data.edit_bones[rig.names[rig.parents[number]]]
            bone.use_connect = bool(description.connected[number])


def _stand(armature: bpy.types.Object, description: Description, place: str) -> None:
    """The object's own transform; data with Y up is turned upright wherever it stands."""
    lies = np.abs(description.wire[0]) > 0.999
    upright = Matrix.Rotation(np.pi / 2 if lies else 0.0, 4, "X") @ Matrix.Scale(1.0 / description.unit, 4)
    if place == "plain":
        armature.matrix_world = upright
    elif place == "fbx":
        armature.rotation_euler = (np.pi / 2 if lies else 0.0, 0.0, 0.0)
        armature.scale = [0.01] * 3
    else:
        anywhere = Matrix.LocRotScale((2.0, -1.0, 0.4), Euler((0.0, 0.0, 1.9)), (1.3, 1.3, 1.3))
        if place == "turned":
            armature.matrix_world = anywhere @ upright
        else:
            assert place == "parented", place
            empty = bpy.data.objects.new("Empty", None)
            bpy.context.scene.collection.objects.link(empty)
            empty.matrix_world = anywhere
            armature.parent = empty
            armature.matrix_basis = upright
