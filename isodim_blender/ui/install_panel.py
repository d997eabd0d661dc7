"""How the installation looks, in the preferences and in the sidebar: draws what the installer says, decides nothing."""

from __future__ import annotations

import bpy

from .. import EXTENSION
from ..client import environment
from ..install import worker
from ..install.installer import installer, say
from ..install.pins import in_words
from ..install.sentinel import State
from ..work.preferences import backend_python
from .layout import Sidebar, wrapped

_WIDTH = 600


class ISODIM_PT_install(Sidebar, bpy.types.Panel):
    """The first panel there is (its room is registered before the others), until there is a backend."""

    bl_label = "Install"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only without a backend, or while one is being made."""
        return installer.running or not environment.chosen(backend_python(context))

    def draw(self, context: bpy.types.Context) -> None:
        """What it costs, and the button."""
        layout = self.layout
        if installer.running:
            _draw_running(layout)
            return
        chosen = context.preferences.addons[EXTENSION].preferences.package_set
        _lines(layout, "The backend makes the motion. It is installed once, into your user folder.", "INFO", context)
        _lines(layout, installer.choices.described(chosen), "BLANK1", context)
        _lines(layout, installer.found.sentence, "ERROR", context)
        broken = installer.found.state is State.BROKEN
        layout.operator(f"isodim.{'repair' if broken else 'install'}_backend", icon="IMPORT")
        layout.operator("preferences.addon_show", text="Other Ways").module = EXTENSION


def draw_preferences(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """In the preferences: state, choice with sizes, ways, buttons."""
    preferences = context.preferences.addons[EXTENSION].preferences
    box = layout.box()
    if installer.running:
        _draw_running(box)
        return
    _draw_state(box, context)
    row = box.row(align=True)
    row.prop(preferences, "package_set", expand=True)
    _lines(box, installer.choices.described(preferences.package_set), "BLANK1", context)
    column = box.column()
    column.use_property_split = True
    column.prop(preferences, "wheels")
    column.prop(preferences, "extra_index")
    column.prop(preferences, "proxy")
    row = box.row()
    if installer.found.state in (State.NONE, State.HALF):
        row.operator("isodim.install_backend", icon="IMPORT")
    else:
        row.operator("isodim.repair_backend", text="Repair", icon="FILE_REFRESH")
    row.operator("isodim.remove_backend", text="Remove", icon="TRASH")
    row.operator("isodim.show_install_log", icon="TEXT")


def _draw_state(box: bpy.types.UILayout, context: bpy.types.Context) -> None:
    found, ended = installer.found, installer.ended
    size = "" if installer.disk_bytes is None else f", {in_words(installer.disk_bytes)} on disk"
    icon = "CHECKMARK" if found.state is State.READY else "INFO"
    name = f" ({found.set_name.upper()})" if found.set_name else ""
    box.label(text=f"The backend's environment{name}: {found.state.value}{size}", icon=icon, translate=False)
    _lines(box, found.sentence, "ERROR", context)
    if ended is not None:
        _lines(box, ended.text, "CHECKMARK" if ended.state is worker.State.FINISHED else "ERROR", context)
        _lines(box, ended.advice, "INFO", context)


def _draw_running(layout: bpy.types.UILayout) -> None:
    if installer.worker is not None:
        layout.progress(factor=installer.worker.status.factor, text=say())
    layout.operator("isodim.cancel_install", text="Cancel", icon="CANCEL")


def _lines(box: bpy.types.UILayout, sentence: str, icon: str, context: bpy.types.Context) -> None:
    if not sentence:
        return  # an empty column still takes room
    column = box.column(align=True)
    width = context.region.width if context.region is not None else _WIDTH
    for number, line in enumerate(wrapped(sentence, width)):
        column.label(text=line, icon=icon if number == 0 else "BLANK1", translate=False)


def _draw_status_bar(header: bpy.types.Header, context: bpy.types.Context) -> None:
    if installer.running:
        row = header.layout.row(align=True)
        row.ui_units_x = 20
        _draw_running(row)


def register() -> None:
    """The panel, and a place in Blender's status bar."""
    bpy.utils.register_class(ISODIM_PT_install)
    bpy.types.STATUSBAR_HT_header.prepend(_draw_status_bar)


def unregister() -> None:
    """Out of both."""
    bpy.types.STATUSBAR_HT_header.remove(_draw_status_bar)
    bpy.utils.unregister_class(ISODIM_PT_install)
