"""What helps to keep a file tidy: the scene's range, and takes that nobody needs any more."""

from __future__ import annotations

import math

import bpy

from ...common.errors import InputError
from ..editing import takes
from ..rig import target
from . import running
from .export_clip import has_action


class ISODIM_OT_fit_range(bpy.types.Operator):
    """Move the scene's first and last frame so that the active armature's Action is inside"""

    bl_idname = "isodim.fit_range"
    bl_label = "Fit Scene Range"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Grey with a reason without an Action."""
        return has_action(cls, context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Nothing is made shorter."""
        scene = context.scene
        first, last = target.required(context).animation_data.action.frame_range
        scene.frame_start = min(scene.frame_start, math.floor(first))
        scene.frame_end = max(scene.frame_end, math.ceil(last))
        self.report({"INFO"}, f"Frames {scene.frame_start} to {scene.frame_end}")
        return {"FINISHED"}


class ISODIM_OT_clean_up_takes(bpy.types.Operator):
    """Remove old Actions that IsoDiM made and nobody plays; the newest ones stay, and so do assets and renamed ones"""

    bl_idname = "isodim.clean_up_takes"
    bl_label = "Clean Up Takes"
    bl_options = {"REGISTER", "UNDO"}

    keep: bpy.props.IntProperty(
        name="Keep the Last", description="How many of them stay, the newest", min=0, soft_max=50, default=5
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Grey with a reason where there is nothing to remove."""
        if takes.unused():
            return True
        cls.poll_message_set("No Action that IsoDiM made is unused")
        return False

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Asks how many stay."""
        return context.window_manager.invoke_props_dialog(self)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """One Ctrl-Z brings them back."""
        found = takes.unused()
        old = found[: len(found) - self.keep] if self.keep else found
        if not old:
            return running.refused(
                self, InputError("Keep the last", self.keep, f"fewer than the {len(found)} there are")
            )
        names = [action.name for action in old]
        for action in old:
            bpy.data.actions.remove(action)
        self.report({"INFO"}, f"{len(names)} Actions removed, {len(found) - len(names)} unused ones stay")
        return {"FINISHED"}


CLASSES = (ISODIM_OT_fit_range, ISODIM_OT_clean_up_takes)
