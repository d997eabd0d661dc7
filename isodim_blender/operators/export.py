"""Actions and their captions, out to a folder that training reads."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import bpy

from ...common.errors import InputError
from ..action import action_motion, apply
from ..action.captions import captions_of
from ..export import training_folder
from ..rig import recording, target
from ..settings.properties import listed_action
from ..slots import animates

_MIN_SECONDS = 0.8
"""Sixteen frames at the backend's rate: what `training.prepare` takes at least."""


class ISODIM_OT_export_actions(bpy.types.Operator):
    """Write the ticked Actions of the active armature, with their captions, into a folder that training reads"""

    bl_idname = "isodim.export_actions"
    bl_label = "Export for Training"

    directory: bpy.props.StringProperty(name="Folder", subtype="DIR_PATH", options={"SKIP_SAVE"})
    filter_folder: bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Grey with a reason without an armature."""
        if target.active(context) is None:
            cls.poll_message_set("Make an armature active: click on it")
            return False
        return True

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Asks for the folder."""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Records, checks, writes; says what was left out."""
        try:
            clips, left_out = _export(context, Path(bpy.path.abspath(self.directory)))
        except InputError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        if left_out:
            self.report({"WARNING"}, f"Left out: {'; '.join(left_out)}")
        self.report({"INFO"}, f"{clips} Actions in {self.directory}")
        return {"FINISHED"}


def _export(context: bpy.types.Context, folder: Path) -> tuple[int, list[str]]:
    """How many Actions were written, and a reason for each ticked one that was not."""
    armature, scene = target.required(context), context.scene
    fps = apply.frame_rate(scene)
    actions = [action for action in bpy.data.actions if action.isodim.export and animates(action, armature)]
    clips, left_out = [], []
    with action_motion.reader(armature, scene) as read, _progress(context, len(actions)) as step:
        for number, action in enumerate(actions):
            step(number)
            captions = captions_of(action)
            if not captions:
                left_out.append(f"{action.name} (no caption)")
            elif (len(recording.frames_of(action)) - 1) / fps < _MIN_SECONDS:
                left_out.append(f"{action.name} (shorter than {_MIN_SECONDS} s)")
            else:
                settings = action.isodim
                how = settings.split, settings.any_part_fits
                clips.append(training_folder.Clip(action.name, tuple(captions), *how, read(action)))
    training_folder.write(folder, armature.name, scene.isodim.action_licence, clips)
    return len(clips), left_out


@contextlib.contextmanager
def _progress(context: bpy.types.Context, total: int) -> Iterator[Callable[[int], None]]:
    """The cursor counts while Blender waits."""
    manager = context.window_manager
    manager.progress_begin(0, max(1, total))
    try:
        yield manager.progress_update
    finally:
        manager.progress_end()


class ISODIM_OT_add_caption(bpy.types.Operator):
    """One more way to say what the Action shows"""

    bl_idname = "isodim.add_caption"
    bl_label = "Add Caption"
    bl_options = {"UNDO", "INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Empty, or the prompt that the Action was made from."""
        action = listed_action(context)
        if action is None:
            return {"CANCELLED"}
        first = captions_of(action) if not action.isodim.captions else []
        action.isodim.captions.add().text = first[0] if first else ""
        return {"FINISHED"}


class ISODIM_OT_remove_caption(bpy.types.Operator):
    """Remove this caption"""

    bl_idname = "isodim.remove_caption"
    bl_label = "Remove Caption"
    bl_options = {"UNDO", "INTERNAL"}

    index: bpy.props.IntProperty(name="Caption", description="Which caption, counted from 0", options={"SKIP_SAVE"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        """From the listed Action."""
        action = listed_action(context)
        if action is None or not 0 <= self.index < len(action.isodim.captions):
            return {"CANCELLED"}
        action.isodim.captions.remove(self.index)
        return {"FINISHED"}


CLASSES = (ISODIM_OT_export_actions, ISODIM_OT_add_caption, ISODIM_OT_remove_caption)
