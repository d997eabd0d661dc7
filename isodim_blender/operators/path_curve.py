"""The clip's own root path laid as a curve, to be dragged and followed."""

from __future__ import annotations

import bpy

from ...common.errors import InputError
from ..action import action_motion
from ..editing import laid_curve, preview
from ..rig import target
from ..rig.rigged import Rigged
from ..steps import Sliced, Steps, at_once
from ..work.run import SLICE_S
from . import running
from .export_clip import has_action

_TICK_S = 0.001


class ISODIM_OT_lay_path(bpy.types.Operator):
    """Lay a curve through the clip's own root path: drag its points, click on the armature again and press Follow Path"""

    bl_idname = "isodim.lay_path"
    bl_label = "Lay Curve through Clip"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Grey with a reason without an Action."""
        return has_action(cls, context)

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        """In slices, between which Blender goes on; Esc ends it."""
        self._laying = Sliced(_laid(context))
        self._timer = context.window_manager.event_timer_add(_TICK_S, window=context.window)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """A slice at each tick."""
        if event.type == "ESC":
            self._laying.stop()
            return self._ended(context, {"CANCELLED"})
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        try:
            if self._laying.go_on(SLICE_S):
                return {"RUNNING_MODAL"}
        except InputError as error:
            return self._ended(context, running.refused(self, error))
        except ReferenceError:
            self.report({"ERROR"}, "The armature or its Action was deleted while the clip was read.")
            return self._ended(context, {"CANCELLED"})
        return self._ended(context, {"FINISHED"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        """At once, for scripts."""
        try:
            at_once(_laid(context))
        except InputError as error:
            return running.refused(self, error)
        return {"FINISHED"}

    def _ended(self, context: bpy.types.Context, result: set[str]) -> set[str]:
        context.window_manager.event_timer_remove(self._timer)
        return result


def _laid(context: bpy.types.Context) -> Steps[None]:
    scene, armature = context.scene, target.required(context)
    action = preview.editable(armature)
    clip = yield from action_motion.reading(armature, action, scene)
    points = laid_curve.points_of(clip)
    fitted = (yield from Rigged.looking(armature)).fit
    scene.isodim.edit.curve = laid_curve.lay(points, fitted, armature, scene, scene.isodim.edit.curve)


CLASSES = (ISODIM_OT_lay_path,)
