"""Generate, cancel, new seed."""

from __future__ import annotations

import dataclasses

import bpy

from ...common.errors import InputError
from ..rig import mapping, target
from ..ui.prompts import EXAMPLE
from ..work.session import session
from ..work.task import NewAction
from . import running


class ISODIM_OT_generate(bpy.types.Operator):
    """Make a clip from the prompt, on the active armature or on a new figure, from the current frame on"""

    bl_idname = "isodim.generate"
    bl_label = "Generate"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Grey with a reason while a job runs or without a backend."""
        return running.ready(cls, context)

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event | None) -> set[str]:
        """A click on an empty field takes the prompt that stands in it as an example."""
        if not context.scene.isodim.prompt.strip():
            context.scene.isodim.prompt = EXAMPLE
        return self.execute(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Starts; waits only where there are no timers."""
        try:
            request = dataclasses.replace(context.scene.isodim.request(), **running.seed_for(self, context))
            return running.send(self, context, request, _task(context, request.prompt))
        except InputError as error:
            return running.refused(self, error)


def _task(context: bpy.types.Context, prompt: str) -> NewAction:
    """Where the clip will go, and how, as things stand now; InputError if it could not."""
    armature = target.target_armature(context)
    if armature is not None:
        target.check_writable(armature)
        mapping.of(armature).check()
    return NewAction(
        scene_uid=context.scene.session_uid,
        armature_uid=None if armature is None else armature.session_uid,
        title=prompt,
        frame=context.scene.frame_current,
        options=running.options_now(context.scene.isodim),
    )


class ISODIM_OT_cancel(bpy.types.Operator):
    """Stop the generation; the scene stays as it is and the backend stays ready"""

    bl_idname = "isodim.cancel"
    bl_label = "Cancel"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only while a job runs."""
        if not session.busy:
            cls.poll_message_set("Nothing is being made")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Asks; the end comes through the poll timer."""
        session.cancel()
        return {"FINISHED"}


class ISODIM_OT_new_seed(bpy.types.Operator):
    """Another seed: another clip for the same prompt"""

    bl_idname = "isodim.new_seed"
    bl_label = "New Seed"
    bl_options = {"UNDO", "INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """A seed that nobody can guess and everybody can note."""
        context.scene.isodim.roll(always=True)
        return {"FINISHED"}


CLASSES = (ISODIM_OT_generate, ISODIM_OT_cancel, ISODIM_OT_new_seed)
