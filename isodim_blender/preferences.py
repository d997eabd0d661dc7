"""The add-on's preferences: where the backend's Python is, and one's own checkpoints."""

from __future__ import annotations

import bpy

from . import EXTENSION, environment


def _list_again(preferences: IsodimPreferences, context: bpy.types.Context) -> None:
    from .session import session

    session.list_checkpoints(own_checkpoints(context))


class IsodimPreferences(bpy.types.AddonPreferences):
    """Shown under Preferences > Add-ons > IsoDiM."""

    bl_idname = EXTENSION

    backend_python: bpy.props.StringProperty(
        name="Backend Python",
        description="The Python, or the folder of the environment, that has torch installed",
        subtype="FILE_PATH",
    )
    checkpoints: bpy.props.StringProperty(
        name="Your Checkpoints",
        description="A folder with a folder for each checkpoint that you trained",
        subtype="DIR_PATH",
        update=_list_again,
    )

    def draw(self, context: bpy.types.Context) -> None:
        """The path, what wins over it, and what the last check found."""
        from .session import session

        layout = self.layout
        chosen = environment.chosen(self.backend_python)
        layout.prop(self, "backend_python")
        if chosen and chosen != self.backend_python.strip():
            layout.label(text=f"{environment.VARIABLE} wins: {chosen}", icon="INFO")
        layout.prop(self, "checkpoints")
        row = layout.row()
        row.operator("isodim.check_backend")
        row.operator("isodim.show_log")
        if session.report is not None:
            layout.label(text=session.report.sentence, icon="CHECKMARK" if session.report.ok else "ERROR")


def backend_python(context: bpy.types.Context) -> str:
    """The path in the preferences; empty if none is set."""
    return context.preferences.addons[EXTENSION].preferences.backend_python


def own_checkpoints(context: bpy.types.Context) -> str:
    """The person's folder of checkpoints; empty if none is set."""
    addon = context.preferences.addons.get(EXTENSION)
    folder = addon.preferences.checkpoints.strip() if addon is not None and addon.preferences is not None else ""
    return bpy.path.abspath(folder) if folder else ""


def register() -> None:
    """The class."""
    bpy.utils.register_class(IsodimPreferences)


def unregister() -> None:
    """The class."""
    bpy.utils.unregister_class(IsodimPreferences)
