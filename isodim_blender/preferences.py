"""The add-on's preferences: where the backend's Python is."""

from __future__ import annotations

import bpy

from . import EXTENSION, environment


class IsodimPreferences(bpy.types.AddonPreferences):
    """Shown under Preferences > Add-ons > IsoDiM."""

    bl_idname = EXTENSION

    backend_python: bpy.props.StringProperty(
        name="Backend Python",
        description="The Python, or the folder of the environment, that has torch installed",
        subtype="FILE_PATH",
    )

    def draw(self, context: bpy.types.Context) -> None:
        """The path, what wins over it, and what the last check found."""
        from .session import session

        layout = self.layout
        chosen = environment.chosen(self.backend_python)
        layout.prop(self, "backend_python")
        if chosen and chosen != self.backend_python.strip():
            layout.label(text=f"{environment.VARIABLE} wins: {chosen}", icon="INFO")
        row = layout.row()
        row.operator("isodim.check_backend")
        row.operator("isodim.show_log")
        if session.report is not None:
            layout.label(text=session.report.sentence, icon="CHECKMARK" if session.report.ok else "ERROR")


def backend_python(context: bpy.types.Context) -> str:
    """The path in the preferences; empty if none is set."""
    return context.preferences.addons[EXTENSION].preferences.backend_python


def register() -> None:
    """The class."""
    bpy.utils.register_class(IsodimPreferences)


def unregister() -> None:
    """The class."""
    bpy.utils.unregister_class(IsodimPreferences)
