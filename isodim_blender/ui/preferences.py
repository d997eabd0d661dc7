"""The add-on's preferences: the backend's environment or a Python of one's own, and one's own checkpoints."""

from __future__ import annotations

import bpy

from .. import EXTENSION
from ..client import environment, upkeep
from ..install import choice
from ..work.preferences import own_checkpoints
from ..work.session import session
from .install_panel import draw_preferences


def _list_again(preferences: IsodimPreferences, context: bpy.types.Context) -> None:
    session.list_checkpoints(own_checkpoints(context))


class IsodimPreferences(bpy.types.AddonPreferences):
    """Shown under Preferences > Add-ons > IsoDiM."""

    bl_idname = EXTENSION

    backend_python: bpy.props.StringProperty(
        name="Backend Python",
        description="A Python of your own with torch in it, or its environment's folder, instead of the installed one",
        subtype="FILE_PATH",
    )
    package_set: bpy.props.EnumProperty(
        name="Packages",
        description="For which processor or graphics card the packages are made",
        items=(
            (choice.AUTOMATIC, "Automatic", "The best for this computer"),
            ("CPU", "CPU", "For every computer"),
            ("CUDA", "CUDA", "For NVIDIA's graphics cards"),
            ("ROCM", "ROCm", "For AMD's graphics cards"),
            ("MPS", "MPS", "For Apple's processors"),
        ),
        default=choice.AUTOMATIC,
    )
    wheels: bpy.props.StringProperty(
        name="Folder of Wheels",
        description="Install from this folder and never from the network; empty for the package index",
        subtype="DIR_PATH",
    )
    extra_index: bpy.props.StringProperty(
        name="Extra Index", description="The address of one more package index, beside those of pip's configuration"
    )
    proxy: bpy.props.StringProperty(
        name="Proxy", description="The address of a proxy, http://host:port; empty for the system's settings"
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
        """The environment, the path that wins over it, what wins over that, and what the last check found."""
        layout = self.layout
        draw_preferences(layout, context)
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
