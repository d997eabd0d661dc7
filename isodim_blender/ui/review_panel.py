"""What waits for a word: a preview, takes to choose from, a result that was held back. First in every editor, and only then there."""

from __future__ import annotations

import bpy
from bpy.app.translations import pgettext_iface as iface

from ..action import facts
from ..editing import preview, variations
from ..editing.tasks import SCORE
from ..rig import target
from ..work.session import session
from .layout import BUTTON_SCALE, box_width_px, draw_job, in_every_editor, sentence
from .panels import draw_range

_MOST_ROWS = 16


class _Review:
    """What is drawn, wherever it is."""

    bl_label = "Review"
    layout: bpy.types.UILayout

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only while something waits."""
        waits = preview.of(target.active(context)) or variations.figure_of(context.object)
        return waits is not None or session.offered is not None

    def draw(self, context: bpy.types.Context) -> None:
        """What it is, the words for it, and what came of it."""
        layout, armature = self.layout, target.active(context)
        pending, figure = preview.of(armature), variations.figure_of(context.object)
        if pending is not None:
            _draw_pending(layout, context, pending)
        if figure is not None:
            _draw_takes(layout, context, figure)
        if session.offered is not None:
            row = layout.row()
            row.alert = True
            row.operator("isodim.apply_anyway", icon="ERROR")
        if pending is not None or figure is not None:
            draw_range(layout, context)


def _draw_pending(layout: bpy.types.UILayout, context: bpy.types.Context, pending: preview.Pending) -> None:
    entry = pending.action.isodim
    first, last = entry.edit_frames
    where = iface("The whole clip") if first < -(2**30) else iface("From frame {first}").format(first=first)
    if last < 2**30 and first < last:
        where = iface("Frames {first} to {last}").format(first=first, last=last)
    sentence(layout, context.region.width, where if first <= last else iface("The clip with more"), "HIDE_OFF")
    row = layout.row(align=True)
    row.scale_y = BUTTON_SCALE
    row.operator("isodim.keep", icon="CHECKMARK")
    row.operator("isodim.discard", icon="X")
    _draw_again(row, layout)
    for text in () if session.delivered is None else session.delivered.outcome.lines:
        sentence(layout, context.region.width, text, "INFO")
    sentence(layout, context.region.width, facts.verdict_of(pending.action), "CHECKMARK")


def _draw_takes(layout: bpy.types.UILayout, context: bpy.types.Context, figure: bpy.types.Object) -> None:
    """One of so many with its score, the words for it, and a row for each take."""
    takes = variations.takes_of(figure)
    plays = None if context.object.animation_data is None else context.object.animation_data.action
    row = layout.row(align=True)
    row.operator("isodim.step_take", text="", icon="TRIA_LEFT").by = -1
    number = takes.index(plays) + 1 if plays in takes else 0
    row.label(text=iface("Take {number} of {count}").format(number=number, count=len(takes)), translate=False)
    row.operator("isodim.step_take", text="", icon="TRIA_RIGHT").by = 1
    row = layout.row(align=True)
    row.scale_y = BUTTON_SCALE
    row.operator("isodim.keep_take", text="Keep", icon="CHECKMARK")
    row.operator("isodim.discard_takes", icon="X")
    _draw_again(row, layout)
    column = layout.column(align=True)
    for place, take in enumerate(takes[:_MOST_ROWS], 1):
        text = iface("{number}: seed {seed}").format(number=place, seed=take.get(f"{facts.PREFIX}seed", 0))
        if SCORE in take:
            text = f"{text}, {take[SCORE]:.2f}"
        show = column.operator("isodim.show_take", text=text, depress=take == plays, icon=_icon(take))
        show.take = take.name
    if plays is not None and plays in takes:
        sentence(layout, box_width_px(context), facts.verdict_of(plays), "INFO")
    layout.operator("isodim.rank", icon="SORTSIZE")


def _icon(take: bpy.types.Action) -> str:
    """Whether a take does what was asked, where that was looked at."""
    said = facts.verdict_of(take)
    return ("CHECKMARK" if said.startswith("Does") else "QUESTION") if said else "ACTION"


def _draw_again(row: bpy.types.UILayout, layout: bpy.types.UILayout) -> None:
    """The button; while it works, how far it is."""
    row.operator("isodim.again", icon="FILE_REFRESH")
    if session.busy:
        draw_job(layout)


_CLASSES: list[type[bpy.types.Panel]] = []


def register() -> None:
    """A panel for each editor."""
    _CLASSES[:] = in_every_editor("review", _Review)
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Backward."""
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
    _CLASSES.clear()
