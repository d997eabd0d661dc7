"""The bones of the target armature, as text fields: shown from its map, and a correction when a person sets one.

Nothing is stored here: every field reads and writes `mapping`.
"""

from __future__ import annotations

from collections.abc import Callable

import bpy

from ...common.errors import InputError
from ...common.rigs.bone_map import title
from ..rig import mapping, target
from ..rig.corrections import PARTS, ROOT
from ..work.session import session

CHAINS = ("spine", "neck")
"""Slots that a person picks by their first and their last bone."""
LAST = "_last"


def target_or_reason(context: bpy.types.Context) -> tuple[bpy.types.Object | None, str]:
    """The target armature; where the selection means none, None and why; None and no reason for a new figure."""
    try:
        return target.target_armature(context), ""
    except InputError as error:
        return None, str(error)


def target_mapping(context: bpy.types.Context) -> mapping.Mapping | None:
    """The map of the target armature; None where none is."""
    armature, _ = target_or_reason(context)
    return None if armature is None else mapping.of(armature)


def bones_of(found: mapping.Mapping, part: str) -> tuple[str, ...]:
    """The bones of a slot, or the root bone."""
    if part == ROOT:
        return () if found.bone_map.root is None else (found.bone_map.root,)
    return found.bone_map.slots.get(part, ())


def _shown(part: str, end: int) -> Callable[[bpy.types.PropertyGroup], str]:
    def get(_picker: bpy.types.PropertyGroup) -> str:
        found = target_mapping(bpy.context)
        bones = () if found is None else bones_of(found, part)
        return bones[end] if bones else ""

    return get


def _picked(part: str, end: int) -> Callable[[bpy.types.PropertyGroup, str], None]:
    def set_(_picker: bpy.types.PropertyGroup, name: str) -> None:
        try:
            armature = target.target_armature(bpy.context)
            if armature is not None:
                _pick(armature, part, end, name)
        except InputError as error:
            session.problem(str(error))

    return set_


def _pick(armature: bpy.types.Object, part: str, end: int, name: str) -> None:
    """One end of a part is now the bone `name`; the other end stays if there is a way between them."""
    bones = bones_of(mapping.of(armature), part)
    if not name or not bones or part not in CHAINS:
        mapping.correct(armature, part, (name,) if name else ())
        return
    first, last = (name, bones[-1]) if end == 0 else (bones[0], name)
    try:
        mapping.correct(armature, part, mapping.chain(armature, first, last))
    except InputError:
        mapping.correct(armature, part, (name,))


def _field(part: str, end: int) -> object:
    label = f"{title(part)}{', last' if end else ''}".capitalize()
    told = f"The {'last bone' if end else 'first bone' if part in CHAINS else 'bone'} of this part; empty if the rig has none"
    return bpy.props.StringProperty(name=label, description=told, get=_shown(part, end), set=_picked(part, end))


class IsodimBones(bpy.types.PropertyGroup):
    """A field for each part of the body; spine and neck have two."""

    __annotations__ = {
        **{part: _field(part, 0) for part in PARTS},
        **{f"{part}{LAST}": _field(part, -1) for part in CHAINS},
    }
