"""Clips from files."""

from __future__ import annotations

from pathlib import Path

import bpy

from ...contract import clip_file
from ...contract.errors import InputError
from .. import apply


class ISODIM_OT_apply_clip(bpy.types.Operator):
    """Write a saved clip (.npz or .bvh) on the selected IsoDiM armature or on a new one, from the current frame on"""

    bl_idname = "isodim.apply_clip"
    bl_label = "Apply Clip File"
    bl_options = {"REGISTER", "UNDO"}

    filepath: bpy.props.StringProperty(name="Clip File", subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: bpy.props.StringProperty(default="*.npz;*.bvh", options={"HIDDEN", "SKIP_SAVE"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Asks for the file."""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Reads, checks, writes."""
        path = Path(bpy.path.abspath(self.filepath))
        try:
            motion = clip_file.load(path)
            armature = apply.chosen_armature(context)
            name = apply.apply(motion, armature, context.scene, context.scene.frame_current, path.stem)
        except InputError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"INFO"}, f"{motion.seconds:.1f} s on {name}")
        return {"FINISHED"}


CLASSES = (ISODIM_OT_apply_clip,)
