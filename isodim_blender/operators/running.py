"""Sending a request: the same for every operator that asks the backend."""

from __future__ import annotations

import time

import bpy

from ...common.errors import InputError
from ...common.wire.requests import Drawing
from ..action import apply
from ..client import environment
from ..editing import ghost
from ..session import session, start_pump, timers_fire
from ..task import Task
from ..ui import prompt_menu
from ..ui.preferences import backend_python, own_checkpoints
from ..ui.properties import RigChoices

_BACKGROUND_POLL_S = 0.02


def ready(cls: type[bpy.types.Operator], context: bpy.types.Context) -> bool:
    """Whether a request can be sent; grey with a reason while a job runs or without a backend."""
    if session.job is not None:
        cls.poll_message_set("A clip is being made; cancel it or wait")
        return False
    if not environment.chosen(backend_python(context)):
        cls.poll_message_set("Press Install Backend first, here or under Preferences > Add-ons > IsoDiM")
        return False
    return True


def send(operator: bpy.types.Operator, context: bpy.types.Context, request: Drawing, task: Task) -> set[str]:
    """Sends; InputError if the backend does not start.

    In a window this returns at once and a timer writes the result. In background mode (`blender -b`, the bpy module)
    timers never fire, so it waits for the result, and a script's next line finds the keys; a failure raises RuntimeError.
    """
    python = environment.find(backend_python(context))
    session.start(request, task, python, own_checkpoints(context))
    prompt_menu.remember(getattr(request, "prompt", ""))
    if timers_fire():
        if request.preview:
            armature = next((item for item in bpy.data.objects if item.session_uid == task.armature_uid), None)
            ghost.begin(armature, lambda: session.job and session.job.partial)
        start_pump()
        return {"FINISHED"}
    try:
        while session.poll():
            time.sleep(_BACKGROUND_POLL_S)
    finally:
        if session.job is not None:  # Ctrl-C in a script
            session.stop()
    if session.last_result:
        operator.report({"INFO"}, session.last_result)
        return {"FINISHED"}
    operator.report({"ERROR"}, session.errors[0].sentence if session.errors else "The generation was cancelled.")
    return {"CANCELLED"}


def refused(operator: bpy.types.Operator, error: InputError) -> set[str]:
    """Says it in the panel and to the caller."""
    session.problem(str(error))
    operator.report({"ERROR"}, str(error))
    return {"CANCELLED"}


def options_now(settings: bpy.types.PropertyGroup) -> apply.Options:
    """How clips are put on the rig as the panel stands; InputError if a value is not allowed."""
    return apply.Options(**{name: getattr(settings, name) for name in RigChoices.__annotations__}).check()
