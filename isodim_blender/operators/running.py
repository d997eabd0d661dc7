"""Sending a request: the same for every operator."""

from __future__ import annotations

import time

import bpy

from ...common.errors import InputError
from ...common.wire.requests import Request
from ..action import apply
from ..client import environment
from ..editing import ghost
from ..settings.properties import RigChoices
from ..ui import prompt_menu
from ..work.preferences import backend_python, own_checkpoints
from ..work.run import Delivered, Ending
from ..work.session import session
from ..work.task import Task

_BACKGROUND_POLL_S = 0.02


def ready(cls: type[bpy.types.Operator], context: bpy.types.Context) -> bool:
    """Whether a request can be sent; grey with a reason while a job runs or without a backend."""
    if session.run is not None:
        cls.poll_message_set("A clip is being made; cancel it or wait")
        return False
    if not environment.chosen(backend_python(context)):
        cls.poll_message_set("Press Install Backend first, here or under Preferences > Add-ons > IsoDiM")
        return False
    return True


def send(operator: bpy.types.Operator, context: bpy.types.Context, request: Request, task: Task) -> set[str]:
    """Sends; InputError if the backend does not start.

    In a window this returns at once and a timer writes the result. In background mode (`blender -b`, the bpy module)
    timers never fire, so it waits for the result, and a script's next line finds the keys; a failure raises RuntimeError.
    """
    python = environment.find(backend_python(context))
    run = session.start(request, task, python, own_checkpoints(context), _show)
    prompt_menu.remember(getattr(request, "prompt", ""))
    if session.timers_fire:
        if request.preview:
            _, armature = task.places()
            ghost.begin(armature, lambda: run.job.partial)
        return {"FINISHED"}
    try:
        while session.poll():
            time.sleep(_BACKGROUND_POLL_S)
    finally:
        if run.ending is None:  # Ctrl-C in a script
            session.stop()
    return _reported(operator, run.ending)


def _show(ending: Ending) -> None:
    ghost.end()
    session.show(ending)


def _reported(operator: bpy.types.Operator, ending: Ending | None) -> set[str]:
    if isinstance(ending, Delivered):
        operator.report({"INFO"}, ending.sentence)
        return {"FINISHED"}
    problem = None if ending is None else ending.problem
    operator.report({"ERROR"}, "The generation was cancelled." if problem is None else problem.sentence)
    return {"CANCELLED"}


def refused(operator: bpy.types.Operator, error: InputError) -> set[str]:
    """Says it in the panel and to the caller."""
    session.problem(str(error))
    operator.report({"ERROR"}, str(error))
    return {"CANCELLED"}


def options_now(settings: bpy.types.PropertyGroup) -> apply.Options:
    """How clips are applied to the rig as the panel stands; InputError if a value is not allowed."""
    return apply.Options(**{name: getattr(settings, name) for name in RigChoices.__annotations__}).check()
