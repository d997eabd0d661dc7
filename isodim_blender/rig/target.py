"""Which armature a clip goes to, and whether it can take one."""

from __future__ import annotations

import bpy

from ...common.errors import InputError

NEW_FIGURE = "a new IsoDiM figure"


def target_armature(context: bpy.types.Context) -> bpy.types.Object | None:
    """Where a clip goes: the active object's armature, selected or not; otherwise that of the selected objects; otherwise None.

    None means a new IsoDiM figure. InputError if the selection means several armatures and none is active.
    """
    layer = context.view_layer
    figure = of(layer.objects.active)
    if figure is not None:
        return figure
    selected = {of(item) for item in layer.objects.selected} - {None}
    if len(selected) > 1:
        raise InputError("Selection", f"{len(selected)} armatures", "one active armature, or none to get a new figure")
    return next(iter(selected), None)


def active(context: bpy.types.Context) -> bpy.types.Object | None:
    """The armature that the active object is or stands for."""
    return of(context.object)


def required(context: bpy.types.Context) -> bpy.types.Object:
    """As `active`; InputError if there is none."""
    armature = active(context)
    if armature is None:
        raise InputError("Active object", None, "an armature: click on one first")
    return armature


def of(item: bpy.types.Object | None) -> bpy.types.Object | None:
    """An armature itself; the armature that deforms a mesh or that it hangs on, however far up; otherwise None."""
    if item is None or item.type == "ARMATURE":
        return item
    if item.type != "MESH":
        return None
    for modifier in item.modifiers:
        if modifier.type == "ARMATURE" and modifier.object is not None:
            return modifier.object
    parent = item.parent
    while parent is not None and parent.type != "ARMATURE":
        parent = parent.parent
    return parent


def check_writable(armature: bpy.types.Object) -> None:
    """Nothing, if keys can be put on `armature`; otherwise InputError, one sentence with the reason."""
    name = armature.name
    if armature.library is not None:
        raise InputError("Armature", name, "a local armature or a library override, not one linked from another file")
    override = armature.override_library
    if override is not None and override.is_system_override:
        raise InputError(
            "Armature", name, "an editable library override (right-click it in the Outliner: Library Override > Make)"
        )
    if armature.animation_data is not None and armature.animation_data.use_tweak_mode:
        raise InputError("Armature", name, "an armature outside the NLA's tweak mode (press Tab in the NLA editor)")
