"""The motion of one rig as a clip: into a file, or onto another rig."""

from __future__ import annotations

from pathlib import Path

import bpy

from ...common.errors import InputError
from ...common.files import is_folder
from ...common.motion import clip_file
from ..action import action_motion, apply
from ..rig import recording, target
from ..settings.properties import RigChoices
from ..work.session import session
from .clips import chosen
from .export_clip import has_action


class ISODIM_OT_save_clip(bpy.types.Operator):
    """Write the active armature's Action as a clip (.npz or .bvh) of IsoDiM's skeleton, as constraints and drivers play it"""

    bl_idname = "isodim.save_clip"
    bl_label = "Save Clip File"

    filepath: bpy.props.StringProperty(name="Clip File", subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: bpy.props.StringProperty(default="*.npz;*.bvh", options={"HIDDEN", "SKIP_SAVE"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Grey with a reason without an Action."""
        return has_action(cls, context)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Asks for the file."""
        self.filepath = bpy.path.clean_name(target.required(context).animation_data.action.name) + clip_file.ENDINGS[0]
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Plays, reads, writes."""
        path = Path(bpy.path.abspath(self.filepath))
        armature = target.required(context)
        try:
            if not is_folder(path.parent):
                raise InputError("Folder", str(path.parent), "a folder that exists")
            motion = action_motion.motion_of(armature, armature.animation_data.action, context.scene, own_ground=True)
            clip_file.save(path, motion)
        except InputError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"INFO"}, f"{motion.seconds:.1f} s of {armature.name} in {path}")
        return {"FINISHED"}


def _sources(_operator: bpy.types.Operator, context: bpy.types.Context, text: str) -> list[str]:
    return [item.name for item in others(context) if text.lower() in item.name.lower()]


class ISODIM_OT_copy_clip(RigChoices, bpy.types.Operator):
    """Apply what another armature plays to the active one, as a new Action at the same frames"""

    bl_idname = "isodim.copy_clip"
    bl_label = "Copy Clip from Another Rig"
    bl_options = {"REGISTER", "UNDO"}

    source: bpy.props.StringProperty(
        name="From", description="The armature whose Action is copied", options={"SKIP_SAVE"}, search=_sources
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Grey with a reason where there is nothing to copy, or nothing to copy to."""
        if target.active(context) is None:
            cls.poll_message_set("Make the armature active that gets the clip: click on it")
            return False
        if not others(context):
            cls.poll_message_set("No other armature in this scene has an Action")
            return False
        return True

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Asks for the armature: the other selected one is proposed."""
        for name, value in chosen(self, context).items():
            setattr(self, name, value)
        candidates = sorted(others(context), key=lambda item: not item.select_get())
        self.source = candidates[0].name
        return context.window_manager.invoke_props_dialog(self)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Plays, reads, applies."""
        try:
            source = next((item for item in others(context) if item.name == self.source), None)
            if source is None:
                names = ", ".join(item.name for item in others(context))
                raise InputError("From", self.source, f"another armature of the scene with an Action: {names}")
            options = apply.Options(**chosen(self, context)).check()
            action = source.animation_data.action
            motion = action_motion.motion_of(source, action, context.scene, own_ground=True)
            first = recording.frames_of(action).start
            result = apply.apply(motion, target.required(context), context.scene, first, action.name, options)
        except InputError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        session.result = result
        self.report({"INFO"}, f"{action.name}: {result.sentence}")
        return {"FINISHED"}


def others(context: bpy.types.Context) -> list[bpy.types.Object]:
    """The scene's armatures with an Action, without the active one."""
    return [
        item
        for item in context.scene.objects
        if item.type == "ARMATURE"
        and item != target.active(context)
        and item.animation_data is not None
        and item.animation_data.action is not None
    ]


CLASSES = (ISODIM_OT_save_clip, ISODIM_OT_copy_clip)
