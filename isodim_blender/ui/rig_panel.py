"""The sidebar's part for the rig: the target armature, how its bones are mapped, how a clip is applied to it."""

from __future__ import annotations

import bpy

from ...common.rigs.bone_map import SLOTS, title
from ..action import apply
from ..rig import fitting, mapping, target
from ..rig.corrections import PARTS, ROOT
from ..settings.bones import CHAINS, LAST, bones_of, target_or_reason
from ..work.session import session
from .layout import Closed, sentence, settings_column


class ISODIM_PT_rig(Closed, bpy.types.Panel):
    """What the next clip goes to, and how."""

    bl_label = "Character"
    bl_order = 6

    def draw(self, context: bpy.types.Context) -> None:
        """The target, the choices, what came of the last clip."""
        armature, problem = target_or_reason(context)
        layout = self.layout
        if problem:
            sentence(layout, context.region.width, problem, "ERROR", alert=True)
        else:
            _draw_target(layout, context, armature)
        found = None if armature is None else mapping.of(armature)
        if found is not None:
            _draw_map(layout, context, armature, found)
        _draw_choices(layout, context.scene.isodim, found is not None and bool(found.controls))
        if session.result is not None and armature is not None and session.result.armature == armature.name:
            _draw_result(layout, context, session.result)


class ISODIM_PT_bones(Closed, bpy.types.Panel):
    """The map itself, for correction."""

    bl_label = "Bones"
    bl_parent_id = "ISODIM_PT_rig"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only with an armature."""
        return target_or_reason(context)[0] is not None

    def draw(self, context: bpy.types.Context) -> None:
        """A field for each part; chains have two."""
        armature = target.target_armature(context)
        found = mapping.of(armature)
        column = self.layout.column(align=True)
        for part in PARTS:
            row = _draw_field(column, context, armature, part, _label(found, part), part in found.missing)
            if part in found.changes:
                row.operator("isodim.reset_bones", text="", icon="LOOP_BACK").slot = part
            if part in CHAINS:
                _draw_field(column, context, armature, f"{part}{LAST}", "to", False)
        row = self.layout.row(align=True)
        row.operator("isodim.map_bones", icon="FILE_REFRESH")
        row.operator("isodim.reset_bones", text="Reset All", icon="LOOP_BACK").slot = "ALL"


def _label(found: mapping.Mapping, part: str) -> str:
    """A part in an animator's words, with the number of bones that follow its first."""
    more = len(bones_of(found, part)) - 1
    named = "root bone" if part == ROOT else f"{title(part)} from" if part in CHAINS else title(part)
    return f"{named} +{more}".capitalize() if more > 0 and part not in CHAINS else named.capitalize()


def _draw_field(
    column: bpy.types.UILayout,
    context: bpy.types.Context,
    armature: bpy.types.Object,
    name: str,
    text: str,
    alert: bool,
) -> bpy.types.UILayout:
    row = column.row(align=True)
    row.alert = alert
    split = row.split(factor=0.36, align=True)
    split.label(text=text, translate=False)
    fields = split.row(align=True)
    fields.prop_search(context.scene.isodim.bones, name, armature.data, "bones", text="")
    return fields


def _draw_target(layout: bpy.types.UILayout, context: bpy.types.Context, armature: bpy.types.Object | None) -> None:
    text = f"On: {target.NEW_FIGURE if armature is None else armature.name}"
    clicked = context.view_layer.objects.active
    if armature is not None and clicked not in (None, armature) and target.of(clicked) == armature:
        text += f", the armature of {clicked.name}"
    layout.label(text=text, icon="ARMATURE_DATA", translate=False)


def _draw_map(
    layout: bpy.types.UILayout, context: bpy.types.Context, armature: bpy.types.Object, found: mapping.Mapping
) -> None:
    origin = found.preset or "By its hierarchy"
    corrected = f", {len(found.changes)} corrected" if found.changes else ""
    layout.label(text=f"{origin}: {found.score:.0%}{corrected}", icon="GROUP_BONE", translate=False)
    if found.controls:
        layout.label(text=f"Keys go on the controls of {found.controls}", icon="CON_KINEMATIC", translate=False)
    if found.missing:
        names = ", ".join(title(slot) for slot in found.missing)
        sentence(layout, context.region.width, f"Missing: {names}. Choose them under Bones.", "ERROR", alert=True)
    without = [title(slot) for slot in SLOTS if slot in found.bone_map.missing and slot not in found.missing]
    if without and not found.missing:
        sentence(layout, context.region.width, f"Without: {', '.join(without)}", "INFO")
    for note in found.notes:
        sentence(layout, context.region.width, note, "INFO")
    if trouble := fitting.trouble(armature):
        sentence(layout, context.region.width, trouble, "ERROR", alert=True)
    row = layout.row(align=True)
    row.operator("isodim.set_stance", icon="ARMATURE_DATA")
    if armature.isodim.stance:
        row.operator("isodim.clear_stance", text="", icon="X")


def _draw_choices(layout: bpy.types.UILayout, settings: bpy.types.PropertyGroup, controls: bool) -> None:
    column = settings_column(layout)
    column.prop(settings, "root")
    row = column.row(heading="Plant", align=True)
    row.prop(settings, "feet", text="Feet", toggle=True)
    row.prop(settings, "hands", text="Hands", toggle=True)
    column.prop(settings, "keys")
    if settings.keys == "SPARSE":
        column.prop(settings, "error_angle")
        column.prop(settings, "error_distance")
    if controls:
        column.row().prop(settings, "controls", expand=True)


def _draw_result(layout: bpy.types.UILayout, context: bpy.types.Context, result: apply.Result) -> None:
    if result.slide_cm is not None:
        before, after = result.slide_cm
        sentence(layout, context.region.width, f"Slide: {before:.1f} cm before, {after:.1f} cm after", "CON_FLOOR")
    if result.few is not None:
        few = result.few
        text = f"{few.keys} of {few.dense} keys, off by {few.degrees:.2f}° and {few.cm:.2f} cm at most"
        sentence(layout, context.region.width, text, "KEYFRAME")
    for clause in result.hidden:
        sentence(layout, context.region.width, clause[0].upper() + clause[1:], "ERROR")


_CLASSES = (ISODIM_PT_rig, ISODIM_PT_bones)


def register() -> None:
    """The panels, parents first."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Backward."""
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
