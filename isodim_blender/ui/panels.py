"""The sidebar tab: draws what the session says, decides nothing, reads no files."""

from __future__ import annotations

import textwrap

import bpy
from bpy.app.translations import pgettext_iface as iface

from ..client import upkeep
from ..client.job import State
from ..settings import properties
from ..work.session import session

_BOX_PX = 24  # what a box takes of a line, at a scale of 1


class Sidebar:
    """The place of all panels: the tab in the viewport's sidebar."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "IsoDiM"


class ISODIM_PT_generate(Sidebar, bpy.types.Panel):
    """Prompt, length, seed, checkpoint, and the one button."""

    bl_label = "Generate"

    def draw(self, context: bpy.types.Context) -> None:
        """The settings, then the button or the running job."""
        layout, settings = self.layout, context.scene.isodim
        row = layout.row(align=True)
        row.prop(settings, "prompt", text="", placeholder="a person walks forward and waves")
        row.menu("ISODIM_MT_prompts", text="", icon="PRESET")
        column = layout.column()
        column.use_property_split = True
        column.use_property_decorate = False
        _optional(column, settings, "Seconds", "use_seconds", "seconds")
        row = column.row(align=True)
        row.prop(settings, "seed")
        row.operator("isodim.new_seed", text="", icon="FILE_REFRESH")
        column.prop(settings, "checkpoint")
        checkpoint = session.checkpoint(settings.checkpoint)
        if checkpoint is not None:
            layout.label(text=iface("Licence: {licence}").format(licence=checkpoint.licence), translate=False)
        if session.run is None:
            layout.operator("isodim.generate", icon="PLAY")
        else:
            draw_job(layout)
        if session.delivered is not None:
            for number, line in enumerate(wrapped(session.delivered.sentence, context.region.width)):
                layout.label(text=line, icon="BLANK1" if number else "CHECKMARK", translate=False)


class ISODIM_PT_advanced(Sidebar, bpy.types.Panel):
    """What a checkpoint usually knows best."""

    bl_label = "Advanced"
    bl_parent_id = "ISODIM_PT_generate"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Guidance, steps, and clips from files."""
        layout, settings = self.layout, context.scene.isodim
        layout.use_property_split = True
        layout.use_property_decorate = False
        _optional(layout, settings, "Guidance", "use_guidance", "guidance")
        _optional(layout, settings, "Steps", "use_steps", "steps")
        _optional(layout, settings, "Drafts", "use_effort", "effort")
        if session.usage is not None:
            layout.label(text=upkeep.told(session.usage), icon="MEMORY", translate=False)
        layout.prop(settings, "live_preview")
        layout.operator("isodim.apply_clip", icon="FILE_FOLDER")


class ISODIM_PT_problems(Sidebar, bpy.types.Panel):
    """The last errors, newest first, and the way to the whole story."""

    bl_label = "Problems"
    bl_parent_id = "ISODIM_PT_generate"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only if there is something to say."""
        return bool(session.errors)

    def draw(self, context: bpy.types.Context) -> None:
        """One box an error."""
        width_px = box_width_px(context)
        for problem in session.errors:
            box = self.layout.box().column(align=True)
            for text, icon in ((problem.sentence, "ERROR"), (problem.advice, "INFO")):
                for number, line in enumerate(wrapped(text, width_px)):
                    box.label(text=line, icon=icon if number == 0 else "BLANK1", translate=False)
        row = self.layout.row(align=True)
        row.operator("isodim.show_log", icon="TEXT")
        row.operator("isodim.copy_report", icon="COPYDOWN")
        row.operator("isodim.clear_errors", text="", icon="X")


def _optional(
    layout: bpy.types.UILayout, settings: properties.IsodimSettings, heading: str, switch: str, value: str
) -> None:
    row = layout.row(align=True, heading=heading)
    row.prop(settings, switch, text="")
    if getattr(settings, switch):
        row.prop(settings, value, text="")
    else:
        row.label(text="automatic")


def draw_job(layout: bpy.types.UILayout) -> None:
    """The run and the way to end it."""
    if session.run is None:
        return
    job = session.run.job
    text, factor = iface(job.state.value), 0.0
    if job.progress is not None and job.state is State.RUNNING:
        factor = min(job.progress.step / job.progress.total, 1.0)
        text = iface("Step {step} of {total}").format(step=job.progress.step, total=job.progress.total)
        if job.progress.eta_s is not None:
            text += iface(", {seconds:.1f} s left").format(seconds=job.progress.eta_s)
    layout.progress(factor=factor, text=text)
    layout.operator("isodim.cancel", icon="CANCEL")


def box_width_px(context: bpy.types.Context) -> float:
    """The width that `wrapped` takes for a sentence in a box of the region."""
    return context.region.width - _BOX_PX * bpy.context.preferences.system.ui_scale


def wrapped(sentence: str, width_px: float) -> list[str]:
    """A sentence in lines that fit a region; about 7 pixels a character, which Blender does not tell."""
    scale = bpy.context.preferences.system.ui_scale or 1.0
    room = max(20, int(width_px / (7.0 * scale)) - 6)
    return textwrap.wrap(sentence, room)


_CLASSES = (ISODIM_PT_generate, ISODIM_PT_advanced, ISODIM_PT_problems)


def register() -> None:
    """The panels, parents first."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Backward."""
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
