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
from ..steps import Steps
from ..ui import prompt_menu
from ..work.preferences import backend_python, own_checkpoints
from ..work.readiness import hindrance
from ..work.run import Delivered, Ending, Run
from ..work.session import session
from ..work.task import Task

_BACKGROUND_POLL_S = 0.02


def ready(cls: type[bpy.types.Operator], context: bpy.types.Context) -> bool:
    """Whether a request can be sent; grey with a reason while a job runs or without a backend."""
    reason = hindrance(context)
    if reason:
        cls.poll_message_set(reason)
    return not reason


def send(operator: bpy.types.Operator, context: bpy.types.Context, request: Request, task: Task) -> set[str]:
    """Sends; InputError if the backend does not start.

    In a window this returns at once and a timer writes the result. In background mode (`blender -b`, the bpy module)
    timers never fire, so it waits for the result, and a script's next line finds the keys; a failure raises RuntimeError.
    """
    python = environment.find(backend_python(context))
    run = session.start(request, task, python, own_checkpoints(context), _show)
    _sent(run)
    if session.timers_fire:
        return {"FINISHED"}
    return _waited(operator)


def ask(operator: bpy.types.Operator, context: bpy.types.Context, asked: Steps[tuple[Request, Task]]) -> set[str]:
    """As `send`, for a request that takes some steps to make."""
    session.ask(asked, environment.find(backend_python(context)), own_checkpoints(context), _show, _sent)
    if session.timers_fire:
        # What is wrong with a range or a prompt shows before anything is read, and is said at the press.
        _heard.clear()
        session.poll()
        return {"FINISHED"} if session.busy else _reported(operator, _heard[0] if _heard else None)
    return _waited(operator)


def _sent(run: Run) -> None:
    prompt_menu.remember(getattr(run.job.request, "prompt", ""))
    if session.timers_fire and run.job.request.preview:
        _, armature = run.task.places()
        ghost.begin(armature, lambda: run.job.partial)


def _waited(operator: bpy.types.Operator) -> set[str]:
    _heard.clear()
    try:
        while session.poll():
            if session.asking is None and not (session.run is not None and session.run.writes):
                time.sleep(_BACKGROUND_POLL_S)
    finally:
        if session.busy:  # Ctrl-C in a script
            session.stop()
    return _reported(operator, _heard[0] if _heard else None)


_heard: list[Ending] = []
"""How the last request ended."""


def seed_for(operator: bpy.types.Operator, context: bpy.types.Context) -> dict[str, int]:
    """The seed that a script gave the operator; otherwise the panel's, which is another one if it was used and is not locked."""
    if "seed" in operator.properties.bl_rna.properties and operator.properties.is_property_set("seed"):
        return {"seed": operator.seed}
    return {"seed": context.scene.isodim.roll()}


def _show(ending: Ending) -> None:
    _heard[:] = [ending]
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
