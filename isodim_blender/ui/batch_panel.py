"""A list of clips over night. It draws, and decides nothing."""

from __future__ import annotations

import bpy
from bpy.app.translations import pgettext_iface as iface

from ..editing import batch
from .layout import Closed, box_width_px, sentence, settings_column

_SHOWN_PROBLEMS = 8


class ISODIM_PT_batch(Closed, bpy.types.Panel):
    """A list of clips over night."""

    bl_label = "Batch and Training"
    bl_order = 8

    def draw(self, context: bpy.types.Context) -> None:
        """What and where to; or how the run stands."""
        layout, settings, run = self.layout, context.scene.isodim.batch, batch.current
        if run is not None and not run.ended:
            layout.progress(factor=run.share, text=run.sentence)
            layout.operator("isodim.cancel_batch", icon="CANCEL")
            return
        column = settings_column(layout)
        column.prop(settings, "list_file")
        column.prop(settings, "seed")
        column.prop(settings, "actions")
        column.row().prop(settings, "files")
        if settings.files:
            column.prop(settings, "folder")
        layout.operator("isodim.batch", icon="PRESET")
        if run is not None:
            _draw_end(layout, context, run)


def _draw_end(layout: bpy.types.UILayout, context: bpy.types.Context, run: batch.Batch) -> None:
    box = layout.box().column(align=True)
    sentence(box, box_width_px(context), run.sentence, "ERROR" if run.problems else "CHECKMARK")
    for problem in run.problems[:_SHOWN_PROBLEMS]:
        sentence(box, box_width_px(context), problem)
    if len(run.problems) > _SHOWN_PROBLEMS:
        box.label(text=iface("and {count} more").format(count=len(run.problems) - _SHOWN_PROBLEMS), translate=False)


def register() -> None:
    """The panel."""
    bpy.utils.register_class(ISODIM_PT_batch)


def unregister() -> None:
    """Backward."""
    bpy.utils.unregister_class(ISODIM_PT_batch)
