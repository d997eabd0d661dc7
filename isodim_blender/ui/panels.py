"""The tab's first panels: generate, what went wrong, and what a checkpoint usually knows best. They draw, and read no files."""

from __future__ import annotations

import bpy

from ..client import upkeep
from ..rig import mapping
from ..rig.target import NEW_FIGURE
from ..settings.bones import target_or_reason
from ..work.readiness import hindrance
from ..work.session import session
from .layout import BUTTON_SCALE, Closed, Sidebar, box_width_px, draw_job, optional, sentence, settings_column, wrapped
from .prompts import EXAMPLE

_NAMES = 0.4
"""Of the width, where the names of settings end and their fields begin: Blender's own share."""


class ISODIM_PT_generate(Sidebar, bpy.types.Panel):
    """On whom, what, how long, and the one button."""

    bl_label = "Generate"
    bl_order = 1

    def draw(self, context: bpy.types.Context) -> None:
        """The settings, then the button or the running job."""
        layout, settings = self.layout, context.scene.isodim
        _draw_character(layout, context)
        row = layout.row(align=True)
        row.prop(settings, "prompt", text="", placeholder=EXAMPLE)
        row.menu("ISODIM_MT_prompts", text="", icon="PRESET")
        column = settings_column(layout)
        optional(column, settings, "Length", "use_seconds", "seconds")
        row = column.row(align=True)
        row.prop(settings, "seed")
        row.operator("isodim.new_seed", text="", icon="FILE_REFRESH")
        row.prop(settings, "lock_seed", text="", icon="LOCKED" if settings.lock_seed else "UNLOCKED")
        column.prop(settings, "checkpoint")
        checkpoint = session.checkpoint(settings.checkpoint)
        if checkpoint is not None:
            split = column.split(factor=_NAMES)
            name = split.row()
            name.alignment = "RIGHT"
            name.label(text="Licence")
            split.label(text=checkpoint.licence, translate=False)
        _draw_button(layout, context)
        if session.delivered is not None:
            sentence(layout, context.region.width, session.delivered.sentence, "CHECKMARK")
        draw_range(layout, context)


class ISODIM_PT_problems(Sidebar, bpy.types.Panel):
    """The last errors, newest first, and the way to the whole story."""

    bl_label = "Problems"
    bl_order = 2

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only if there is something to say."""
        return bool(session.errors)

    def draw(self, context: bpy.types.Context) -> None:
        """One box an error."""
        for problem in session.errors:
            box = self.layout.box().column(align=True)
            for text, icon in ((problem.sentence, "ERROR"), (problem.advice, "INFO")):
                for number, line in enumerate(wrapped(text, box_width_px(context))):
                    box.label(text=line, icon=icon if number == 0 else "BLANK1", translate=False)
        row = self.layout.row(align=True)
        row.operator("isodim.show_log", icon="TEXT").log = session.errors[0].log
        row.operator("isodim.copy_report", icon="COPYDOWN")
        row.operator("isodim.clear_errors", text="", icon="X")


class ISODIM_PT_advanced(Closed, bpy.types.Panel):
    """What a checkpoint usually knows best."""

    bl_label = "Advanced"
    bl_order = 9

    def draw(self, context: bpy.types.Context) -> None:
        """Guidance, steps, drafts, how many takes, and what the backend is doing."""
        layout, settings = self.layout, context.scene.isodim
        column = settings_column(layout)
        optional(column, settings, "Guidance", "use_guidance", "guidance")
        optional(column, settings, "Steps", "use_steps", "steps")
        optional(column, settings, "Drafts", "use_effort", "effort")
        column.prop(settings.variations, "count")
        column.prop(settings.variations, "layout")
        column.prop(settings, "live_preview")
        if session.usage is not None:
            layout.label(text=upkeep.told(session.usage), icon="MEMORY", translate=False)
        row = layout.row(align=True)
        row.operator("isodim.show_log", icon="TEXT")
        row.operator("isodim.copy_report", icon="COPYDOWN")


def _draw_character(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    armature, reason = target_or_reason(context)
    if armature is None:
        sentence(
            layout,
            context.region.width,
            reason or f"On {NEW_FIGURE}",
            "ERROR" if reason else "ARMATURE_DATA",
            bool(reason),
        )
        return
    found = mapping.of(armature)
    if found.missing:
        sentence(
            layout, context.region.width, f"{armature.name}: bones are missing, see Character", "ERROR", alert=True
        )
        return
    known = f"{found.preset or 'by its shape'}, {found.score:.0%}"
    sentence(layout, context.region.width, f"On {armature.name} ({known})", "ARMATURE_DATA")


def _draw_button(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """The button; while something is made, how far it is stands in its very place. Under a grey one stands why."""
    row = layout.row(align=True)
    row.scale_y = BUTTON_SCALE
    if session.busy:
        draw_job(row)
        return
    split = row.split(factor=0.8, align=True)
    split.operator("isodim.generate", icon="PLAY")
    count = context.scene.isodim.variations.count
    split.operator("isodim.variations", text=f"\N{MULTIPLICATION SIGN}{count}")
    sentence(layout, context.region.width, hindrance(context), "INFO")


def draw_range(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Where the clip goes on after the scene's end, the way to see all of it."""
    data = None if context.object is None else context.object.animation_data
    action = None if data is None else data.action
    if action is not None and action.frame_range[1] > context.scene.frame_end:
        layout.operator("isodim.fit_range", icon="PREVIEW_RANGE")


_CLASSES = (ISODIM_PT_generate, ISODIM_PT_problems, ISODIM_PT_advanced)


def register() -> None:
    """The panels."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Backward."""
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
