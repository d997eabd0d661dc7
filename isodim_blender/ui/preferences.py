"""The add-on's preferences: the GPU backend or a Python of one's own, and one's own checkpoints."""

from __future__ import annotations

import bpy

from .. import EXTENSION
from ..client import environment, upkeep
from ..work.preferences import own_checkpoints
from ..work.session import session
from .gpu_box import draw_gpu


def _list_again(preferences: IsodimPreferences, context: bpy.types.Context) -> None:
    session.list_checkpoints(own_checkpoints(context))


class IsodimPreferences(bpy.types.AddonPreferences):
    """Shown under Preferences > Add-ons > IsoDiM."""

    bl_idname = EXTENSION

    backend_python: bpy.props.StringProperty(
        name="Backend Python",
        description="A Python of your own with the backend's packages in it, or its environment's folder; empty for Blender's own",
        subtype="FILE_PATH",
    )
    use_gpu: bpy.props.BoolProperty(
        name="Use the GPU Backend",
        description="Generate on the GPU where its backend is installed and works, instead of by Blender's own Python on the CPU",
        default=False,
    )
    checkpoints: bpy.props.StringProperty(
        name="Your Checkpoints",
        description="A folder with a folder for each checkpoint that you trained",
        subtype="DIR_PATH",
        update=_list_again,
    )

    idle_minutes: bpy.props.IntProperty(
        name="Stop the Backend After",
        description="Minutes without a request after which the backend ends and gives its memory back; 0 lets it stay",
        default=10,
        min=0,
        max=24 * 60,
    )
    play_new_figures: bpy.props.BoolProperty(
        name="Play New Figures",
        description="Where a clip makes a new figure in a window, start the playback as soon as its keys are there",
        default=True,
    )

    def draw(self, context: bpy.types.Context) -> None:
        """The GPU backend, the path that wins over it, what wins over that, and what the last check found."""
        layout = self.layout
        draw_gpu(layout, context)
        chosen = environment.chosen(self.backend_python)
        layout.prop(self, "backend_python")
        if chosen and chosen != self.backend_python.strip():
            layout.label(text=f"{environment.VARIABLE} wins: {chosen}", icon="INFO", translate=False)
        layout.prop(self, "checkpoints")
        layout.prop(self, "idle_minutes")
        layout.prop(self, "play_new_figures")
        if session.usage is not None:
            layout.label(text=upkeep.told(session.usage), icon="MEMORY")
        row = layout.row()
        row.operator("isodim.check_backend")
        row.operator("isodim.show_log")
        if session.self_test is not None:
            layout.label(text=session.self_test.sentence, icon="CHECKMARK" if session.self_test.ok else "ERROR")


def register() -> None:
    """The class."""
    bpy.utils.register_class(IsodimPreferences)


def unregister() -> None:
    """The class."""
    bpy.utils.unregister_class(IsodimPreferences)
