"""The child, started when a prompt has been typed: it has loaded by the time that a button is pressed."""

from __future__ import annotations

import contextlib

import bpy

from ...common.errors import InputError
from ..client import environment
from .preferences import backend_python, own_checkpoints
from .session import session


def prompt_was_typed(prompt: str, context: bpy.types.Context) -> None:
    """Nothing for an empty prompt, nothing where no timer would see the child to its end, and nothing is told: the button will."""
    if not (session.timers_fire and prompt.strip()):
        return
    with contextlib.suppress(InputError):
        session.expect(environment.find(backend_python(context)), own_checkpoints(context))
