"""Loops and key poses."""

from __future__ import annotations

import bpy

from ...common.errors import InputError
from ...common.wire import requests
from ..editing import poses, preview
from ..editing.tasks import NewLoop
from ..rig import mapping, target
from ..settings import edit as settings
from . import running
from .edit import SEED
from .export_clip import has_action


class ISODIM_OT_loop(bpy.types.Operator):
    """Make a clip that repeats without a seam, in place or travelling, from the current frame on"""

    bl_idname = "isodim.loop"
    bl_label = "Make Loop"

    prompt: settings.PROMPT
    travel: settings.TRAVEL
    seconds: bpy.props.FloatProperty(
        name="Seconds",
        description="Length of a period; 0: the one that closes best",
        min=0.0,
        max=requests.MAX_LOOP_S,
        options={"SKIP_SAVE"},
    )
    seed: SEED

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Grey with a reason while a job runs or without a backend."""
        return running.ready(cls, context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Asks; waits only where there are no timers."""
        scene = context.scene
        sampling = scene.isodim.sampling() | running.seed_for(self, context)
        try:
            armature = target.target_armature(context)
            if armature is not None:
                target.check_writable(armature)
                mapping.of(armature).check()
            travel = settings.chosen(self, context, "travel")
            prompt = settings.chosen(self, context, "prompt")
            request = requests.Loop(prompt=prompt, seconds=self.seconds or None, travel=travel, **sampling)
            task = NewLoop(
                scene_uid=scene.session_uid,
                armature_uid=None if armature is None else armature.session_uid,
                title=prompt,
                frame=scene.frame_current,
                options=running.options_now(scene.isodim),
                travel=travel,
            )
            return running.send(self, context, request, task)
        except InputError as error:
            return running.refused(self, error)


class ISODIM_OT_key_pose(bpy.types.Operator):
    """The current pose has to be reached at the current frame when a range around it is regenerated"""

    bl_idname = "isodim.key_pose"
    bl_label = "Add Key Pose"
    bl_options = {"REGISTER", "UNDO"}

    remove: bpy.props.BoolProperty(name="Remove", description="Take the key pose away instead", options={"SKIP_SAVE"})
    frame: bpy.props.IntProperty(
        name="Frame", description="Of the key pose to remove; the current frame if not given", options={"SKIP_SAVE"}
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Grey with a reason without an Action."""
        return has_action(cls, context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Reads the pose, or removes it."""
        scene = context.scene
        try:
            armature = target.required(context)
            action = preview.editable(armature)
            if self.remove:
                poses.remove(action, self.frame if self.properties.is_property_set("frame") else scene.frame_current)
            else:
                self.report({"INFO"}, f"Key pose at frame {poses.add(armature, action, scene)}")
        except InputError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}


CLASSES = (ISODIM_OT_loop, ISODIM_OT_key_pose)
