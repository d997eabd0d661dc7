"""What all panels share: their place, sentences in lines, settings in two columns, a run that goes on."""

from __future__ import annotations

import textwrap

import bpy
from bpy.app.translations import pgettext_iface as iface

from ..client.job import State
from ..work.session import session

_BOX_PX = 24  # what a box takes of a line, at a scale of 1
BUTTON_SCALE = 1.5
"""Of the buttons that a panel is there for."""


class Sidebar:
    """The place of all panels: the tab in the viewport's sidebar."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "IsoDiM"


class Closed(Sidebar):
    """The same, closed until somebody opens it."""

    bl_options = {"DEFAULT_CLOSED"}


EDITORS = {"": "VIEW_3D", "_dopesheet": "DOPESHEET_EDITOR", "_graph": "GRAPH_EDITOR", "_nla": "NLA_EDITOR"}
"""Ending of a class's name -> editor, of panels that are where animators look."""


def in_every_editor(
    name: str, mixin: type, parent: str = "", order: int = 0, closed: bool = False
) -> list[type[bpy.types.Panel]]:
    """A panel class for each editor; Blender wants one of its own for each place. parent: the name of the panel above."""
    made: list[type[bpy.types.Panel]] = []
    for place, space in EDITORS.items():
        where: dict[str, object] = {
            "bl_space_type": space, "bl_region_type": "UI", "bl_category": Sidebar.bl_category, "bl_order": order,
        }  # fmt: skip
        if parent:
            where["bl_parent_id"] = f"ISODIM_PT_{parent}{place}"
        if closed:
            where["bl_options"] = {"DEFAULT_CLOSED"}
        made.append(type(f"ISODIM_PT_{name}{place}", (mixin, bpy.types.Panel), where))
    return made


def settings_column(layout: bpy.types.UILayout) -> bpy.types.UILayout:
    """A column of settings: names at the left, fields at the right, no dots for keys."""
    column = layout.column()
    column.use_property_split = True
    column.use_property_decorate = False
    return column


def optional(
    layout: bpy.types.UILayout, settings: bpy.types.PropertyGroup, heading: str, switch: str, value: str
) -> None:
    """A setting that is found by itself unless its switch is on."""
    row = layout.row(align=True, heading=heading)
    row.prop(settings, switch, text="")
    if getattr(settings, switch):
        row.prop(settings, value, text="")
    else:
        row.label(text="automatic")


def sentence(layout: bpy.types.UILayout, width_px: float, text: str, icon: str = "NONE", alert: bool = False) -> None:
    """A sentence in as many lines as it needs, the icon before the first; nothing for an empty one."""
    if not text:
        return  # an empty column still takes room
    column = layout.column(align=True)
    column.alert = alert
    for number, line in enumerate(wrapped(text, width_px)):
        column.label(text=line, icon=icon if number == 0 or icon == "NONE" else "BLANK1", translate=False)


def draw_job(layout: bpy.types.UILayout) -> None:
    """What is asked for or made, and the way to end it, in one row."""
    if session.run is None:
        if session.asking is not None:
            _bar(layout, 0.0, iface("Reading the motion"))
        return
    job = session.run.job
    text, factor = iface("Writing the keys") if session.run.writes else iface(job.state.value), 0.0
    if job.progress is not None and job.state is State.RUNNING:
        factor = min(job.progress.step / job.progress.total, 1.0)
        text = iface("Step {step} of {total}").format(step=job.progress.step, total=job.progress.total)
        if job.progress.eta_s is not None:
            text += iface(", {seconds:.1f} s left").format(seconds=job.progress.eta_s)
    _bar(layout, factor, text)


def _bar(layout: bpy.types.UILayout, factor: float, text: str) -> None:
    row = layout.row(align=True)
    row.progress(factor=factor, text=text)
    row.operator("isodim.cancel", text="", icon="X")


def box_width_px(context: bpy.types.Context) -> float:
    """The width that `wrapped` takes for a sentence in a box of the region."""
    return context.region.width - _BOX_PX * bpy.context.preferences.system.ui_scale


def wrapped(text: str, width_px: float) -> list[str]:
    """A sentence in lines that fit a region; about 7 pixels a character, which Blender does not tell."""
    scale = bpy.context.preferences.system.ui_scale or 1.0
    room = max(20, int(width_px / (7.0 * scale)) - 6)
    return textwrap.wrap(text, room)
