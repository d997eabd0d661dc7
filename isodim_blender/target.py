"""Which armature a clip goes to, and whether it can take one."""

from __future__ import annotations

import bpy

from ..contract.errors import InputError

NEW_FIGURE = "a new IsoDiM figure"


def meant(context: bpy.types.Context) -> bpy.types.Object | None:
    """The active object if it is an armature, selected or not; otherwise the one selected armature; otherwise None.

    None means a new IsoDiM figure. InputError if several armatures are selected and none is active.
    """
    layer = context.view_layer
    if layer.objects.active is not None and layer.objects.active.type == "ARMATURE":
        return layer.objects.active
    selected = [item for item in layer.objects.selected if item.type == "ARMATURE"]
    if len(selected) > 1:
        raise InputError("Selection", f"{len(selected)} armatures", "one active armature, or none to get a new figure")
    return selected[0] if selected else None


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
