"""A list of prompts that becomes one clip. It draws, and decides nothing."""

from __future__ import annotations

import bpy
from bpy.app.translations import pgettext_iface as iface

from ..editing import strips
from ..work.session import session
from .layout import Closed, draw_job, optional, settings_column
from .prompts import STRIP_EXAMPLE


class ISODIM_UL_strips(bpy.types.UIList):
    """Prompt, length, and how each strip stands to the clip that plays."""

    def draw_item(
        self,
        context: bpy.types.Context,
        layout: bpy.types.UILayout,
        data: bpy.types.PropertyGroup,
        item: bpy.types.PropertyGroup,
        icon: int,
        active_data: bpy.types.PropertyGroup,
        active_property: str,
    ) -> None:
        """One row."""
        row = layout.row(align=True)
        row.prop(item, "prompt", text="", emboss=False, placeholder=STRIP_EXAMPLE)
        facts = row.row(align=True)
        facts.alignment = "RIGHT"  # only as wide as its words: the prompt gets the rest
        how = strips.state(item, _action(context))
        if how not in (strips.MADE, strips.NEW):
            facts.label(text=how, icon="GREASEPENCIL")
        facts.label(text=f"{item.seconds:.1f} s" if item.use_seconds else iface("auto"), translate=False)


class ISODIM_PT_strips(Closed, bpy.types.Panel):
    """A list of prompts that becomes one clip."""

    bl_label = "Sequence"
    bl_order = 5

    def draw(self, context: bpy.types.Context) -> None:
        """The list with its verbs, the chosen strip, the two buttons."""
        layout, listed = self.layout, context.scene.isodim.strips
        row = layout.row()
        row.template_list("ISODIM_UL_strips", "", listed, "items", listed, "index", rows=4)
        column = row.column(align=True)
        for verb, icon in (
            ("ADD", "ADD"), ("REMOVE", "REMOVE"), ("DUPLICATE", "DUPLICATE"), ("UP", "TRIA_UP"), ("DOWN", "TRIA_DOWN"),
        ):  # fmt: skip
            column.operator("isodim.change_strips", text="", icon=icon).verb = verb
        if 0 <= listed.index < len(listed.items):
            item = listed.items[listed.index]
            column = settings_column(layout)
            optional(column, item, "Length", "use_seconds", "seconds")
            column.prop(item, "seed")
        if session.busy:
            draw_job(layout)
            return
        column = layout.column(align=True)
        column.operator("isodim.generate_strips", icon="PLAY")
        column.operator("isodim.redo_strip", icon="FILE_REFRESH")


def _action(context: bpy.types.Context) -> bpy.types.Action | None:
    data = None if context.object is None else context.object.animation_data
    return None if data is None else data.action


_CLASSES = (ISODIM_UL_strips, ISODIM_PT_strips)


def register() -> None:
    """The list, then the panels."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Backward."""
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
