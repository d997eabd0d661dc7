"""Edits on the timeline: a panel of the tab, and the same in the sidebars of Dope Sheet, Graph Editor and NLA."""

from __future__ import annotations

import bpy
from bpy.app.translations import pgettext_iface as iface

from ...common.errors import InputError
from ..editing import span
from ..rig import target
from ..work.session import session
from .layout import draw_job, in_every_editor, sentence, settings_column
from .prompts import EDIT_EXAMPLE


class _Edit:
    """What is drawn, wherever it is."""

    bl_label = "Edit"
    layout: bpy.types.UILayout

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only with an armature."""
        return target.active(context) is not None

    def draw(self, context: bpy.types.Context) -> None:
        """The range, the prompt, the buttons."""
        layout, edit = self.layout, context.scene.isodim.edit
        _draw_span(layout, context, edit)
        layout.prop(edit, "prompt", text="", placeholder=EDIT_EXAMPLE)
        column = settings_column(layout)
        column.prop(edit, "part")
        column.prop(edit, "arrive")
        if session.busy:
            draw_job(layout)
            return
        column = layout.column(align=True)
        column.operator("isodim.redo_range", icon="FILE_REFRESH")
        column.operator("isodim.in_between", icon="IPO_EASE_IN_OUT")
        data = target.required(context).animation_data
        if data is None or data.action is None:
            sentence(layout, context.region.width, "Nothing is keyed yet: Generate makes an Action", "INFO")


class _KeyPoses:
    """Poses that the range has to meet."""

    bl_label = "Key Poses"
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
        settings_column(self.layout).prop(context.scene.isodim.edit, "tolerance")


def _draw_span(layout: bpy.types.UILayout, context: bpy.types.Context, edit: bpy.types.PropertyGroup) -> None:
    column = layout.column(align=True)
    column.prop(edit, "source", text="")
    try:
        found = span.shown(context.scene, target.active(context), edit.source, (edit.start, edit.end))
    except InputError as error:
        sentence(column, context.region.width, str(error))
        return
    if found.origin == span.TYPED:
        row = column.row(align=True)
        row.prop(edit, "start")
        row.prop(edit, "end")
    else:
        column.label(text=f"{found.first} to {found.last}: {found.origin}", icon="ACTION_TWEAK", translate=False)


_CLASSES: list[type[bpy.types.Panel]] = []


def register() -> None:
    """The panels, parents first."""
    _CLASSES[:] = in_every_editor("edit", _Edit, order=3) + in_every_editor("key_poses", _KeyPoses, "edit", closed=True)
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Backward."""
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
    _CLASSES.clear()
