"""Actions as assets."""

from __future__ import annotations

import bpy

from ..action import assets
from ..rig import target
from .export_clip import has_action


class ISODIM_OT_mark_asset(bpy.types.Operator):
    """Make the active armature's Action an asset, with its prompt as description and its telling words as tags"""

    bl_idname = "isodim.mark_asset"
    bl_label = "Mark as Asset"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Grey with a reason without an Action, or with one from another file."""
        if not has_action(cls, context):
            return False
        if target.required(context).animation_data.action.library is not None:
            cls.poll_message_set("The Action is linked from another file: mark it there")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Marks it; the preview is drawn by Blender where there is a window."""
        action = target.required(context).animation_data.action
        assets.mark(action)
        if not bpy.app.background:
            action.asset_generate_preview()
        self.report({"INFO"}, f"{action.name}: {', '.join(tag.name for tag in action.asset_data.tags)}")
        return {"FINISHED"}


CLASSES = (ISODIM_OT_mark_asset,)
