"""Strips, takes and batches: sub-panels of the tab; they draw, and decide nothing."""

from __future__ import annotations

import bpy
from bpy.app.translations import pgettext_iface as iface

from ..action import facts
from ..editing import batch, strips, variations
from ..editing.tasks import SCORE
from ..work.session import session
from .panels import Sidebar, draw_job, wrapped

_SHOWN_PROBLEMS = 8


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
        row.prop(item, "prompt", text="", emboss=False, placeholder="a person walks forward")
        facts = row.row(align=True)
        facts.alignment = "RIGHT"  # only as wide as its words: the prompt gets the rest
        how = strips.state(item, _action(context))
        if how not in (strips.MADE, strips.NEW):
            facts.label(text=how, icon="GREASEPENCIL")
        facts.label(text=f"{item.seconds:.1f} s" if item.use_seconds else iface("auto"), translate=False)


class _Below(Sidebar):
    """A closed sub-panel of the main one."""

    bl_parent_id = "ISODIM_PT_generate"
    bl_options = {"DEFAULT_CLOSED"}


class ISODIM_PT_strips(_Below, bpy.types.Panel):
    """A list of prompts that becomes one clip."""

    bl_label = "Strips"

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
            column = layout.column()
            column.use_property_split = True
            column.use_property_decorate = False
            row = column.row(align=True, heading="Seconds")
            row.prop(item, "use_seconds", text="")
            if item.use_seconds:
                row.prop(item, "seconds", text="")
            else:
                row.label(text="automatic")
            column.prop(item, "seed")
        column = layout.column(align=True)
        column.operator("isodim.generate_strips", icon="PLAY")
        column.operator("isodim.redo_strip", icon="FILE_REFRESH")


class ISODIM_PT_variations(_Below, bpy.types.Panel):
    """Several takes, and the one that stays."""

    bl_label = "Variations"

    def draw(self, context: bpy.types.Context) -> None:
        """How many; or, while some are compared, a row for each, the best first once they are ranked."""
        layout, settings = self.layout, context.scene.isodim.variations
        figure = variations.figure_of(context.object)
        if figure is None:
            layout.use_property_split = True
            layout.use_property_decorate = False
            layout.prop(settings, "count")
            layout.prop(settings, "layout")
            layout.operator("isodim.variations", icon="RENDERLAYERS")
            return
        column = layout.column(align=True)
        for take in variations.takes_of(figure):
            row = column.row(align=True)
            plays = figure.animation_data is not None and figure.animation_data.action == take
            text = f"{take.name}, {take[SCORE]:.3f}" if SCORE in take else take.name
            show = row.operator("isodim.show_take", text=text, depress=plays, icon="PLAY" if plays else "BLANK1")
            show.take = take.name
            row.operator("isodim.keep_take", text="Keep").take = take.name
            for number, line in enumerate(wrapped(facts.verdict_of(take), context.region.width)):
                column.label(text=line, icon="BLANK1" if number else "INFO", translate=False)
        layout.operator("isodim.rank", icon="SORTSIZE")


class ISODIM_PT_batch(_Below, bpy.types.Panel):
    """A list of clips over night."""

    bl_label = "Batch"

    def draw(self, context: bpy.types.Context) -> None:
        """What and where to; or how the run stands."""
        layout, settings, run = self.layout, context.scene.isodim.batch, batch.current
        if run is not None and not run.ended:
            layout.progress(factor=run.share, text=run.sentence)
            if session.run is not None:
                draw_job(layout)
            layout.operator("isodim.cancel_batch", icon="CANCEL")
            return
        column = layout.column()
        column.use_property_split = True
        column.use_property_decorate = False
        column.prop(settings, "list_file")
        column.prop(settings, "actions")
        column.row().prop(settings, "files")
        if settings.files:
            column.prop(settings, "folder")
        layout.operator("isodim.batch", icon="PRESET")
        if run is not None:
            _draw_end(layout, context, run)


def _draw_end(layout: bpy.types.UILayout, context: bpy.types.Context, run: batch.Batch) -> None:
    box = layout.box().column(align=True)
    box.label(text=run.sentence, icon="CHECKMARK" if not run.problems else "ERROR")
    for sentence in run.problems[:_SHOWN_PROBLEMS]:
        for line in wrapped(sentence, context.region.width):
            box.label(text=line, translate=False)
    if len(run.problems) > _SHOWN_PROBLEMS:
        box.label(text=iface("and {count} more").format(count=len(run.problems) - _SHOWN_PROBLEMS), translate=False)


def _action(context: bpy.types.Context) -> bpy.types.Action | None:
    data = None if context.object is None else context.object.animation_data
    return None if data is None else data.action


_CLASSES = (ISODIM_UL_strips, ISODIM_PT_strips, ISODIM_PT_variations, ISODIM_PT_batch)


def register() -> None:
    """The list, then the panels."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Backward."""
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
