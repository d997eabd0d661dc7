"""Tools for all of a clip, a sub-panel each, in every editor: more of it, a loop, along a curve, between two takes, more or less of it."""

from __future__ import annotations

from collections.abc import Callable

import bpy

from ..rig import target
from .layout import in_every_editor, settings_column
from .prompts import EDIT_EXAMPLE

_Draw = Callable[[bpy.types.UILayout, bpy.types.PropertyGroup], None]


class _WholeClip:
    """The tools' parent."""

    bl_label = "Whole Clip"
    layout: bpy.types.UILayout

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only with an armature."""
        return target.active(context) is not None

    def draw(self, context: bpy.types.Context) -> None:
        """The prompt that its tools share, which is that of Edit."""
        self.layout.prop(context.scene.isodim.edit, "prompt", text="", placeholder=EDIT_EXAMPLE)
        self.layout.operator("isodim.rank", icon="SORTSIZE")


def _extend(layout: bpy.types.UILayout, edit: bpy.types.PropertyGroup) -> None:
    settings_column(layout).prop(edit, "seconds")
    row = layout.row(align=True)
    row.operator("isodim.extend", text="Before", icon="TRIA_LEFT_BAR").before = True
    row.operator("isodim.extend", text="After", icon="TRIA_RIGHT_BAR").before = False


def _loop(layout: bpy.types.UILayout, edit: bpy.types.PropertyGroup) -> None:
    settings_column(layout).prop(edit, "travel")
    layout.operator("isodim.loop", icon="FILE_REFRESH")


def _path(layout: bpy.types.UILayout, edit: bpy.types.PropertyGroup) -> None:
    column = settings_column(layout)
    column.prop(edit, "curve")
    layout.operator("isodim.lay_path", icon="CURVE_BEZCURVE")
    column = settings_column(layout)
    row = column.row(align=True, heading="Duration")
    row.prop(edit, "by_curve", text="")
    if edit.by_curve:
        row.prop(edit, "duration", text="")
    else:
        row.label(text="as it goes")
    layout.operator("isodim.follow_path", icon="CURVE_PATH")


def _blend(layout: bpy.types.UILayout, edit: bpy.types.PropertyGroup) -> None:
    column = settings_column(layout)
    column.prop(edit, "other")
    column.prop(edit, "amount", slider=True)
    layout.operator("isodim.blend_takes", icon="MOD_SMOOTH")


def _nudge(layout: bpy.types.UILayout, edit: bpy.types.PropertyGroup) -> None:
    settings_column(layout).prop(edit, "nudge", slider=True)
    layout.operator("isodim.nudge", icon="FORCE_HARMONIC")


def _tool(label: str, draw: _Draw) -> type:
    """What a sub-panel is made from."""
    return type(
        f"_{label}", (), {"bl_label": label, "draw": lambda self, context: draw(self.layout, context.scene.isodim.edit)}
    )


_TOOLS = {"extend": _extend, "loop": _loop, "path": _path, "blend": _blend, "nudge": _nudge}
_LABELS = {"extend": "Extend", "loop": "Loop", "path": "Path", "blend": "Blend", "nudge": "Nudge"}
_CLASSES: list[type[bpy.types.Panel]] = []


def register() -> None:
    """The panels, parents first."""
    _CLASSES[:] = in_every_editor("whole_clip", _WholeClip, order=4, closed=True)
    for name, draw in _TOOLS.items():
        _CLASSES.extend(in_every_editor(name, _tool(_LABELS[name], draw), "whole_clip", closed=True))
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Backward."""
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
    _CLASSES.clear()
