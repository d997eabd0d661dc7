"""What becomes of an answer: one task for each kind of result; the session finds scene and armature again and hands them over."""

from __future__ import annotations

import abc
import dataclasses

import bpy

from .action import apply
from .client.job import Answer


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What came of an answer: a sentence, lines for the panel, and the clip's own facts where one was put on a rig."""

    sentence: str
    lines: tuple[str, ...] = ()
    result: apply.Result | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Task(abc.ABC):
    """All that a result needs, as things stood at the press.

    Data-blocks are told by their session_uid, because pointers do not outlive an undo. armature_uid None: a new figure.
    title: for the undo history.
    """

    scene_uid: int
    armature_uid: int | None
    title: str

    @abc.abstractmethod
    def deliver(self, answer: Answer, scene: bpy.types.Scene, armature: bpy.types.Object | None) -> Outcome:
        """Writes what came; the session makes the undo step.

        InputError, with nothing changed, if it no longer fits.
        """

    def changed(self) -> str:
        """One sentence if what the result was made for was changed meanwhile: it is then offered, not put. Empty if not."""
        return ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class NewAction(Task):
    """The first clip becomes a new Action from `frame` on."""

    frame: int
    options: apply.Options

    def deliver(self, answer: Answer, scene: bpy.types.Scene, armature: bpy.types.Object | None) -> Outcome:
        """As `apply` does it."""
        result = apply.apply(answer.motions[0], armature, scene, self.frame, self.title, self.options)
        return Outcome(result.sentence, result=result)
