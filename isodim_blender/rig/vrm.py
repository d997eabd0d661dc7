"""The humanoid map that the VRM add-on stores on an armature, of VRM 0 and 1, also where the add-on is not installed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import bpy

_EXTENSION = "vrm_addon_extension"
_TRUNK = {"hips": "pelvis", "spine": "spine", "chest": "spine", "upperchest": "spine", "neck": "neck", "head": "head"}
_LIMBS = {
    "shoulder": "collar", "upperarm": "shoulder", "lowerarm": "elbow", "hand": "wrist", "upperleg": "hip",
    "lowerleg": "knee", "foot": "ankle", "toes": "foot",
}  # fmt: skip
_SLOTS = _TRUNK | {f"{side}{part}": f"{side}_{slot}" for side in ("left", "right") for part, slot in _LIMBS.items()}
"""Human bone without underscores, small letters -> slot; in the order from the body outwards."""


def stored_map(armature: bpy.types.Armature) -> tuple[str, dict[str, tuple[str, ...]]]:
    """The VRM version ("VRM 0", "VRM 1", "" without a map) and slot -> bones; fingers, eyes and jaw are left out."""
    extension = _get(armature, _EXTENSION)
    if extension is None:
        return "", {}
    readers = {"VRM 0": _vrm0, "VRM 1": _vrm1}
    first = "VRM 0" if str(_get(extension, "spec_version") or "").startswith("0") else "VRM 1"
    for title in sorted(readers, key=lambda title: title != first):
        named = {re.sub("_", "", human).lower(): bone for human, bone in readers[title](armature, extension)}
        slots: dict[str, tuple[str, ...]] = {}
        for human, slot in _SLOTS.items():
            if named.get(human, "") in armature.bones:
                slots[slot] = (*slots.get(slot, ()), named[human])
        if slots:
            return title, slots
    return "", {}


def _vrm0(armature: bpy.types.Armature, extension: Any) -> Iterator[tuple[str, str]]:
    for human in _get(extension, "vrm0", "humanoid", "human_bones") or ():
        yield str(_get(human, "bone") or ""), _bone(armature, _get(human, "node"))


def _vrm1(armature: bpy.types.Armature, extension: Any) -> Iterator[tuple[str, str]]:
    humans = _get(extension, "vrm1", "humanoid", "human_bones")
    for human in ("hips", "spine", "chest", "upper_chest", "neck", "head"):
        yield human, _bone(armature, _get(humans, human, "node"))
    for side in ("left", "right"):
        for part in ("shoulder", "upper_arm", "lower_arm", "hand", "upper_leg", "lower_leg", "foot", "toes"):
            yield f"{side}_{part}", _bone(armature, _get(humans, f"{side}_{part}", "node"))


def _bone(armature: bpy.types.Armature, node: Any) -> str:
    """The bone that a node means: by its name, as older files have it, or by the number that bone and node share."""
    name = _get(node, "bone_name") or _get(node, "value")
    if name:
        return str(name)
    uuid = _get(node, "bone_uuid")
    found = (bone.name for bone in armature.bones if uuid and _get(bone, _EXTENSION, "uuid") == uuid)
    return next(found, "")


def _get(owner: Any, *path: str) -> Any:
    """A value down a path of registered properties, or of stored ones where their add-on is gone; None if absent."""
    for name in path:
        if owner is None:
            return None
        owner = getattr(owner, name) if hasattr(owner, name) else _stored(owner, name)
    return owner


def _stored(owner: Any, name: str) -> Any:
    if hasattr(owner, "bl_system_properties_get"):  # since 5.0 they lie apart from a person's own custom properties
        system = owner.bl_system_properties_get()
        if system is not None and name in system:
            return system[name]
    try:
        return owner.get(name)
    except (AttributeError, TypeError):  # a structure that holds no custom properties
        return None
