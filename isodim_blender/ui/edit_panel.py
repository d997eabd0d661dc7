"""Edits on the timeline: a panel of the tab, and the same in the sidebars of Dope Sheet, Graph Editor and NLA."""

from __future__ import annotations

import bpy
from bpy.app.translations import pgettext_iface as iface

from ...common.errors import InputError
from ..editing import preview, span
from ..rig import target
from ..work.session import session
from .panels import Sidebar, box_width_px, draw_job, wrapped


class _Edit:
    """What is drawn, wherever it is."""

    bl_label = "Edit"
    layout: bpy.types.UILayout

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only with an armature."""
        return target.active(context) is not None

    def draw(self, context: bpy.types.Context) -> None:
        """What waits, the range, the prompt, what came of it."""
        layout, edit = self.layout, context.scene.isodim.edit
        _draw_pending(layout, context)
        _draw_span(layout, context, edit)
        column = layout.column()
        column.prop(edit, "prompt", text="", placeholder="a person waves with both arms")
        column.use_property_split = True
        column.use_property_decorate = False
        column.prop(edit, "part")
        column.prop(edit, "arrive")
        column = layout.column(align=True)
        column.operator("isodim.redo_range", icon="FILE_REFRESH")
        column.operator("isodim.in_between", icon="IPO_EASE_IN_OUT")
        if session.run is not None:
            draw_job(layout)
        _draw_said(layout, context)


class _KeyPoses:
    """Poses that the range has to meet."""

    bl_label = "Key Poses"
    bl_options = {"DEFAULT_CLOSED"}
    layout: bpy.types.UILayout

    def draw(self, context: bpy.types.Context) -> None:
        """A row for each, and the tolerance."""
        data, column = target.required(context).animation_data, self.layout.column(align=True)
        action = None if data is None else data.action
        for entry in [] if action is None else action.isodim.key_poses:
            row = column.row(align=True)
            row.label(text=iface("Frame {frame}").format(frame=entry.frame), icon="POSE_HLT", translate=False)
            remove = row.operator("isodim.key_pose", text="", icon="X")
            remove.remove, remove.frame = True, entry.frame
        column.operator("isodim.key_pose", icon="ADD")
        split = self.layout.column()
        split.use_property_split = True
        split.use_property_decorate = False
        split.prop(context.scene.isodim.edit, "tolerance_cm")


class _Takes:
    """More of a clip, other root paths, other takes."""

    bl_label = "Whole Clip"
    bl_options = {"DEFAULT_CLOSED"}
    layout: bpy.types.UILayout

    def draw(self, context: bpy.types.Context) -> None:
        """A block for each tool."""
        layout, edit = self.layout, context.scene.isodim.edit
        layout.use_property_decorate = False
        block = layout.column(align=True)
        block.prop(edit, "seconds")
        row = block.row(align=True)
        row.operator("isodim.extend", text="Extend Before", icon="TRIA_LEFT_BAR").before = True
        row.operator("isodim.extend", text="Extend After", icon="TRIA_RIGHT_BAR").before = False
        block = layout.column(align=True)
        block.prop(edit, "travel", toggle=True)
        block.operator("isodim.loop", icon="FILE_REFRESH")
        block = layout.column(align=True)
        block.prop(edit, "curve", text="")
        row = block.row(align=True)
        row.prop(edit, "by_curve", toggle=True)
        if edit.by_curve:
            row.prop(edit, "duration", text="")
        block.operator("isodim.follow_path", icon="CURVE_PATH")
        block = layout.column(align=True)
        block.prop(edit, "other", text="")
        block.prop(edit, "amount", slider=True)
        block.operator("isodim.blend_takes", icon="MOD_SMOOTH")
        block = layout.column(align=True)
        block.prop(edit, "nudge", slider=True)
        block.operator("isodim.nudge", icon="FORCE_HARMONIC")
        layout.operator("isodim.rank", icon="SORTSIZE")


def _draw_pending(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    pending = preview.of(target.active(context))
    if pending is not None:
        box = layout.box().column()
        before = "a deleted Action" if pending.replaces is None else pending.replaces.name
        for number, line in enumerate(wrapped(f"Preview, instead of {before}", box_width_px(context))):
            box.label(text=line, icon="BLANK1" if number else "HIDE_OFF", translate=False)
        row = box.row(align=True)
        row.scale_y = 1.6
        row.operator("isodim.keep", icon="CHECKMARK")
        row.operator("isodim.discard", icon="X")
    if session.offered is not None:
        row = layout.row()
        row.alert = True
        row.operator("isodim.apply_anyway", icon="ERROR")


def _draw_span(layout: bpy.types.UILayout, context: bpy.types.Context, edit: bpy.types.PropertyGroup) -> None:
    column = layout.column(align=True)
    column.prop(edit, "source", text="")
    try:
        found = span.of(context.scene, target.active(context), edit.source, (edit.start, edit.end))
    except InputError as error:
        for line in wrapped(str(error), context.region.width):
            column.label(text=line, translate=False)
        return
    if found.origin == span.TYPED:
        row = column.row(align=True)
        row.prop(edit, "start")
        row.prop(edit, "end")
    else:
        column.label(text=f"{found.first} to {found.last}: {found.origin}", icon="ACTION_TWEAK", translate=False)


def _draw_said(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    lines = () if session.delivered is None else session.delivered.outcome.lines
    if not lines:
        return
    column = layout.column(align=True)
    for text in lines:
        for number, line in enumerate(wrapped(text, context.region.width)):
            column.label(text=line, icon="INFO" if number == 0 else "BLANK1", translate=False)


def _panels() -> list[type[bpy.types.Panel]]:
    """Main and sub-panels for each editor; Blender wants a class of its own for each place."""
    made: list[type[bpy.types.Panel]] = []
    for place, space in _SPACES.items():
        parent = f"ISODIM_PT_edit{place}"
        where = {"bl_space_type": space, "bl_region_type": "UI", "bl_category": Sidebar.bl_category}
        made.append(type(parent, (_Edit, bpy.types.Panel), dict(where)))
        for name, mixin in (("key_poses", _KeyPoses), ("takes", _Takes)):
            inside = where | {"bl_parent_id": parent}
            made.append(type(f"ISODIM_PT_{name}{place}", (mixin, bpy.types.Panel), inside))
    return made


_SPACES = {"": "VIEW_3D", "_dopesheet": "DOPESHEET_EDITOR", "_graph": "GRAPH_EDITOR", "_nla": "NLA_EDITOR"}
_CLASSES: list[type[bpy.types.Panel]] = []


def register() -> None:
    """The panels, parents first."""
    _CLASSES[:] = _panels()
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Backward."""
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
    _CLASSES.clear()
