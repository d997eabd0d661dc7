"""A new figure in a scene, and what makes a person see it: selected, framed, playing."""

from __future__ import annotations

import bpy

from ..rig import armature as rig
from . import mannequin, standing


def add(scene: bpy.types.Scene) -> bpy.types.Object:
    """A new IsoDiM armature that wears the mannequin, at the 3D cursor, clear of what is there."""
    place = standing.free_place(scene)
    armature = rig.make(scene)
    armature.location = place
    mannequin.dress(armature)
    return armature


def remove(armature: bpy.types.Object) -> None:
    """Takes a figure away with its mannequin, as if it had never been."""
    for child in armature.children:
        bpy.data.meshes.remove(child.data)  # and the object with it
    bpy.data.armatures.remove(armature.data)


def select(armature: bpy.types.Object) -> None:
    """Makes the figure the active and only selected object, so that its keys show and the next clip goes to it.

    Where it cannot be selected (another object is being edited, it is in another scene) nothing changes.
    """
    layer = bpy.context.view_layer
    layer.update()  # a new object is in the layer's list only then
    if armature.name not in layer.objects or bpy.context.mode != "OBJECT":
        return
    for item in layer.objects:
        if item.select_get(view_layer=layer):
            item.select_set(False, view_layer=layer)
    armature.select_set(True, view_layer=layer)
    layer.objects.active = armature


def show(armature: bpy.types.Object, play: bool) -> None:
    """Selects the figure, frames it in the 3D viewports of a window, and plays the scene's range if wished."""
    select(armature)
    for window in bpy.context.window_manager.windows:
        if armature.name not in window.view_layer.objects:
            continue
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                region = next(one for one in area.regions if one.type == "WINDOW")
                with bpy.context.temp_override(window=window, area=area, region=region):
                    if bpy.ops.view3d.view_selected.poll():
                        bpy.ops.view3d.view_selected()
        if play and not window.screen.is_animation_playing:
            with bpy.context.temp_override(window=window):
                bpy.ops.screen.animation_play()
