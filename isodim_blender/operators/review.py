"""What becomes of a result that waits: kept, discarded, or made again with another seed."""

from __future__ import annotations

import dataclasses

import bpy

from ...common.errors import InputError
from ...common.wire import messages
from ..editing import preview, variations
from ..editing.tasks import OfAction
from ..rig import target
from ..steps import Steps
from ..work.session import session
from ..work.task import Task
from . import running


class _OnPreview(bpy.types.Operator):
    """Something about the preview on the active armature."""

    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Grey with a reason where nothing is pending."""
        if preview.of(target.active(context)) is None:
            cls.poll_message_set("No edit waits on the active armature")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Settles it."""
        try:
            armature = target.required(context)
            action = self.settle(armature)
        except InputError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        session.delivered = None
        self.report({"INFO"}, f"{armature.name} plays {action.name}")
        return {"FINISHED"}


class ISODIM_OT_keep(_OnPreview):
    """The edit is the work from now on; the Action of before stays in the file"""

    bl_idname = "isodim.keep"
    bl_label = "Keep"
    settle = staticmethod(preview.keep)


class ISODIM_OT_discard(_OnPreview):
    """The Action of before comes back; the edit is removed"""

    bl_idname = "isodim.discard"
    bl_label = "Discard"
    settle = staticmethod(preview.discard)


class ISODIM_OT_apply_anyway(bpy.types.Operator):
    """Apply the result that was held back, although the Action was changed meanwhile"""

    bl_idname = "isodim.apply_anyway"
    bl_label = "Apply Anyway"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Grey with a reason where nothing was held back."""
        if session.offered is None:
            cls.poll_message_set("No result was held back")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Applies it; one undo step, as for any result."""
        try:
            delivered = session.apply_offered()
        except InputError as error:
            return running.refused(self, error)
        self.report({"INFO"}, delivered.sentence)
        return {"FINISHED"}


class ISODIM_OT_again(bpy.types.Operator):
    """The same once more with another seed, in the place of what waits; Discard then still brings back what was before the first"""

    bl_idname = "isodim.again"
    bl_label = "Again"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Grey with a reason where nothing is pending, or where nobody knows any more what was asked for."""
        armature = target.active(context)
        waiting = waits(armature)
        if waiting is None:
            cls.poll_message_set("No edit waits on the active armature")
            return False
        if waiting.session_uid not in session.made:
            cls.poll_message_set(
                "What was asked for is forgotten: press the tool's own button, which replaces the preview"
            )
            return False
        return running.ready(cls, context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Asks; waits only where there are no timers."""
        try:
            armature = target.required(context)
            waiting = waits(armature)
            assert waiting is not None  # as `poll` has seen
            request, task = session.made[waiting.session_uid]
            request = dataclasses.replace(request, seed=context.scene.isodim.roll(always=True))
            return running.ask(self, context, _again(armature, request, task))
        except InputError as error:
            return running.refused(self, error)


def _again(armature: bpy.types.Object, request: messages.Request, task: Task) -> Steps[tuple[messages.Request, Task]]:
    if not isinstance(task, OfAction):
        return request, task
    if (yield from preview.replaced_by(armature, task.edit)) is None:
        raise InputError("Again", armature.name, "a preview as it came: it was changed by hand, Keep or Discard it")
    return request, (yield from task.again(armature, request.seed))


def waits(armature: bpy.types.Object | None) -> bpy.types.Action | None:
    """The Action that is played for a look only: a preview, or one of several takes."""
    if armature is None or armature.animation_data is None:
        return None
    if preview.of(armature) is None and variations.figure_of(armature) is None:
        return None
    return armature.animation_data.action


CLASSES = (ISODIM_OT_keep, ISODIM_OT_discard, ISODIM_OT_apply_anyway, ISODIM_OT_again)
