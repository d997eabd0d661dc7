"""Generate, cancel, new seed."""

from __future__ import annotations

import secrets
import time

import bpy

from ...contract import requests
from ...contract.errors import InputError
from .. import apply, environment, mapping, target
from ..preferences import backend_python, own_checkpoints
from ..properties import RigChoices
from ..session import Target, session, start_pump, timers_fire

_BACKGROUND_POLL_S = 0.02


class ISODIM_OT_generate(bpy.types.Operator):
    """Make a clip from the prompt, on the active armature or on a new figure, from the current frame on"""

    # In a window this returns at once and a timer writes the result. In background mode (`blender -b`, the bpy module)
    # timers never fire, so it waits for the result, and a script's next line finds the keys; a failure raises RuntimeError.
    bl_idname = "isodim.generate"
    bl_label = "Generate"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Grey with a reason while a job runs or without a backend."""
        if session.job is not None:
            cls.poll_message_set("A clip is being made; cancel it or wait")
            return False
        if not environment.chosen(backend_python(context)):
            cls.poll_message_set("Set the backend's Python under Preferences > Add-ons > IsoDiM")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Starts; waits only where there are no timers."""
        try:
            goal = _goal(context)
            python = environment.find(backend_python(context))
            session.start(context.scene.isodim.request(), goal, python, own_checkpoints(context))
        except InputError as error:
            session.problem(str(error))
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        if timers_fire():
            start_pump()
            return {"FINISHED"}
        try:
            while session.poll():
                time.sleep(_BACKGROUND_POLL_S)
        finally:
            if session.job is not None:  # Ctrl-C in a script
                session.stop()
        if session.last_result:
            self.report({"INFO"}, session.last_result)
            return {"FINISHED"}
        self.report({"ERROR"}, session.errors[0].sentence if session.errors else "The generation was cancelled.")
        return {"CANCELLED"}


def _goal(context: bpy.types.Context) -> Target:
    """Where the clip will go, and how, as things stand now; InputError if it could not."""
    armature = target.meant(context)
    if armature is not None:
        target.check_writable(armature)
        mapping.of(armature).check()
    options = apply.Options(**{name: getattr(context.scene.isodim, name) for name in RigChoices.__annotations__})
    return Target(
        context.scene.session_uid,
        None if armature is None else armature.session_uid,
        context.scene.frame_current,
        options.check(),
    )


class ISODIM_OT_cancel(bpy.types.Operator):
    """Stop the generation; the scene stays as it is and the backend stays ready"""

    bl_idname = "isodim.cancel"
    bl_label = "Cancel"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only while a job runs."""
        return session.job is not None

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Asks; the end comes through the pump."""
        session.cancel()
        return {"FINISHED"}


class ISODIM_OT_new_seed(bpy.types.Operator):
    """Another seed: another clip for the same prompt"""

    bl_idname = "isodim.new_seed"
    bl_label = "New Seed"
    bl_options = {"UNDO", "INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """A seed that nobody can guess and everybody can note."""
        context.scene.isodim.seed = secrets.randbelow(requests.MAX_SEED + 1)
        return {"FINISHED"}


CLASSES = (ISODIM_OT_generate, ISODIM_OT_cancel, ISODIM_OT_new_seed)
