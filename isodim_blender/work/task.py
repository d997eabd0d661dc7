"""What becomes of an answer: one task for each kind of result; a run finds scene and armature again and hands them over."""

from __future__ import annotations

import abc
import dataclasses

import bpy

from ...common.errors import InputError
from ...common.motion.motion import Motion
from ...common.wire import messages
from ..action import apply
from ..client.job import Answer
from ..steps import Steps


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What came of an answer: a sentence, lines for the panel, and the clip's own facts where one was put on a rig."""

    sentence: str
    lines: tuple[str, ...] = ()
    result: apply.Result | None = None


def clips_of(answer: Answer) -> tuple[Motion, ...]:
    """The clips of an answer; InputError if it has none."""
    if not isinstance(answer, messages.Finished):
        raise InputError("Answer", type(answer).__name__, "clips: install add-on and backend from the same release")
    return answer.motions


class Gone(Exception):
    """What a result was made for is not there any more: one sentence."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Task(abc.ABC):
    """All that a result needs, as things stood at the press.

    Data-blocks are told by their session_uid: a name may change, a pointer does not outlive an undo, and another file has
    other uids. armature_uid None: a new figure. title: for the undo history.
    """

    scene_uid: int
    armature_uid: int | None
    title: str

    def places(self) -> tuple[bpy.types.Scene, bpy.types.Object | None]:
        """The scene and the armature of the result, whatever their names are now; Gone if one of them was deleted."""
        scene = _by_uid(bpy.data.scenes, self.scene_uid)
        if scene is None:
            raise Gone("The scene was deleted while its clip was made; the clip was dropped.")
        if self.armature_uid is None:
            return scene, None
        armature = _by_uid(bpy.data.objects, self.armature_uid)
        if armature is None or not armature.users_scene:
            raise Gone("The armature was deleted while its clip was made; the clip was dropped.")
        return scene, armature

    def changed(self, armature: bpy.types.Object | None) -> Steps[str]:
        """One sentence if what the result was made for was changed meanwhile: it is then offered, not applied. Empty if not."""
        yield from ()
        return ""

    @abc.abstractmethod
    def deliver(self, answer: Answer, scene: bpy.types.Scene, armature: bpy.types.Object | None) -> Steps[Outcome]:
        """Writes what came, in steps; the run makes the undo step.

        InputError, with nothing changed, if it no longer fits.
        """


@dataclasses.dataclass(frozen=True, kw_only=True)
class NewAction(Task):
    """The first clip becomes a new Action from `frame` on."""

    frame: int
    options: apply.Options

    def deliver(self, answer: Answer, scene: bpy.types.Scene, armature: bpy.types.Object | None) -> Steps[Outcome]:
        """As `apply` does it."""
        result = yield from apply.applying(clips_of(answer)[0], armature, scene, self.frame, self.title, self.options)
        return Outcome(result.sentence, result=result)


def _by_uid(items: bpy.types.bpy_prop_collection, uid: int) -> bpy.types.ID | None:
    return next((item for item in items if item.session_uid == uid), None)
