"""Which armature a clip goes to, and whether it can take one."""

from __future__ import annotations

import bpy

from ...common.errors import InputError

NEW_FIGURE = "a new IsoDiM figure"
_SHAPES = {"MESH", "CURVE", "CURVES", "SURFACE", "META", "FONT", "EMPTY"}
"""What a character can consist of besides its armature; a light or a camera under the same Empty is none of it."""


def target_armature(context: bpy.types.Context) -> bpy.types.Object | None:
    """Where a clip goes: the active object's armature, selected or not; otherwise that of the selected objects; otherwise None.

    None means a new IsoDiM figure. InputError if the selection means several armatures and none is active, or one that is in no
    scene.
    """
    layer = context.view_layer
    clicked = layer.objects.active
    figure = of(clicked)
    if figure is not None:
        if clicked.type == "EMPTY" and not figure.users_scene:
            raise InputError(
                "Active object",
                clicked.name,
                f"the armature {figure.name} itself, which is in no scene: link its collection to the scene, or make the "
                "instance real (Object > Apply > Make Instances Real)",
            )
        return figure
    if clicked is not None and clicked.select_get() and len(held := below(clicked)) > 1:
        names = ", ".join(sorted(item.name for item in held))
        raise InputError("Active object", clicked.name, f"one armature, click on the one that is meant: {names}")
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
    """An armature itself; the armature that deforms an object or that it hangs on, however far up; otherwise None.

    An Empty above a single armature, or one that shows a collection with a single one, stands for that; so do the shapes that
    hang beside it on such an Empty: a sword, a hat.
    """
    if item is None or item.type == "ARMATURE":
        return item
    for modifier in item.modifiers:
        if modifier.type.endswith("ARMATURE") and modifier.object is not None:
            return modifier.object
    above = item
    while above is not None and above.type != "ARMATURE":
        held = below(above) if item.type in _SHAPES else []
        if held:
            return held[0] if len(held) == 1 else None
        above = above.parent
    return above


def below(item: bpy.types.Object) -> list[bpy.types.Object]:
    """The armatures of an Empty: in the collection that it shows, instances in it included, or hanging on it; none for other objects."""
    if item.type != "EMPTY":
        return []
    shown = item.instance_collection if item.instance_type == "COLLECTION" else None
    if shown is None:
        return [other for other in item.children_recursive if other.type == "ARMATURE"]
    found = [other for other in shown.all_objects if other.type == "ARMATURE"]
    for other in shown.all_objects:
        found += below(other) if other.instance_type == "COLLECTION" else []
    return list(dict.fromkeys(found))


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
