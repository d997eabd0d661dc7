"""Clips from files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy

from ...common.errors import InputError
from ...common.motion import clip_file
from ..action import apply
from ..rig import armature as rig
from ..rig import stance, target
from ..settings.properties import RigChoices
from ..work.session import session


class ISODIM_OT_apply_clip(RigChoices, bpy.types.Operator):
    """Write a saved clip (.npz or .bvh) on the active armature or on a new figure, from the current frame on"""

    bl_idname = "isodim.apply_clip"
    bl_label = "Apply Clip File"
    bl_options = {"REGISTER", "UNDO"}

    filepath: bpy.props.StringProperty(name="Clip File", subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: bpy.props.StringProperty(default="*.npz;*.bvh", options={"HIDDEN", "SKIP_SAVE"})
    pose_as_rest: bpy.props.BoolProperty(
        name="Current Pose Is My Rest",
        description="Take what the armature shows now for its rest pose",
        default=False,
        options={"SKIP_SAVE"},
    )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Asks for the file; the scene's settings stand beside it."""
        for name, value in chosen(self, context).items():
            setattr(self, name, value)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Reads, checks, writes."""
        path = Path(bpy.path.abspath(self.filepath))
        try:
            motion = clip_file.load(path)
            armature = target.target_armature(context)
            options = apply.Options(**chosen(self, context))
            stands = None
            if self.pose_as_rest and armature is not None:
                stands = stance.current(armature, rig.rest_pose(armature))
            result = apply.apply(
                motion, armature, context.scene, context.scene.frame_current, path.stem, options, stands
            )
        except InputError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        session.result = result
        self.report({"INFO"}, result.sentence)
        return {"FINISHED"}


def chosen(operator: bpy.types.Operator, context: bpy.types.Context) -> dict[str, Any]:
    """The choices that a script or a person gave the operator, and the scene's for the others."""
    settings = context.scene.isodim
    return {
        name: getattr(operator if operator.properties.is_property_set(name) else settings, name)
        for name in RigChoices.__annotations__
    }


CLASSES = (ISODIM_OT_apply_clip,)
