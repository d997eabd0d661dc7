"""Several takes of the prompt in one go, and the one that stays. Rank Takes is among the edits."""

from __future__ import annotations

import dataclasses

import bpy

from ...common.errors import InputError
from ..editing import variations
from ..rig import mapping, target
from . import running


class ISODIM_OT_variations(bpy.types.Operator):
    """Make several takes of the prompt, with seeds counting up, to compare them"""

    bl_idname = "isodim.variations"
    bl_label = "Generate Takes"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Grey with a reason while a job runs or without a backend."""
        return running.ready(cls, context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Checks, asks; waits only where there are no timers."""
        scene, settings = context.scene, context.scene.isodim
        try:
            seed = running.seed_for(self, context)
            request = dataclasses.replace(settings.request(), count=settings.variations.count, **seed)
            armature = target.target_armature(context)
            if armature is not None:
                target.check_writable(armature)
                mapping.of(armature).check()
            task = variations.NewTakes(
                scene_uid=scene.session_uid,
                armature_uid=None if armature is None else armature.session_uid,
                title=request.prompt,
                frame=scene.frame_current,
                options=running.options_now(settings),
                layout=settings.variations.layout,
            )
            return running.send(self, context, request, task)
        except InputError as error:
            return running.refused(self, error)


class _OnTake(bpy.types.Operator):
    """A verb on one of the takes."""

    take: bpy.props.StringProperty(name="Take", description="Name of the take's Action", options={"SKIP_SAVE"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Grey with a reason without takes."""
        if variations.figure_of(context.object) is None:
            cls.poll_message_set("Click on the figure that has takes, or on one of its copies")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """On the take of that name, or on what the active object plays."""
        figure, data = variations.figure_of(context.object), context.object.animation_data
        name = self.take or (data.action.name if data is not None and data.action is not None else "")
        takes = [] if figure is None else variations.takes_of(figure)
        chosen = next((action for action in takes if action.name == name), None)
        try:
            if figure is None or chosen is None:
                raise InputError("Take", name, f"one of {', '.join(action.name for action in takes)}")
            self.do(context, figure, chosen)
        except InputError as error:
            return running.refused(self, error)
        return {"FINISHED"}

    def do(self, context: bpy.types.Context, figure: bpy.types.Object, take: bpy.types.Action) -> None:
        """The verb."""
        raise NotImplementedError


class ISODIM_OT_show_take(_OnTake):
    """Let the figure play this take"""

    bl_idname = "isodim.show_take"
    bl_label = "Show Take"
    bl_options = {"UNDO"}

    def do(self, context: bpy.types.Context, figure: bpy.types.Object, take: bpy.types.Action) -> None:
        """As `variations.show`."""
        variations.show(figure, take)


class ISODIM_OT_step_take(_OnTake):
    """Let the figure play the next take, or the one before"""

    bl_idname = "isodim.step_take"
    bl_label = "Next Take"
    bl_options = {"UNDO"}

    by: bpy.props.IntProperty(name="By", description="How many takes further", default=1, options={"SKIP_SAVE"})

    def do(self, context: bpy.types.Context, figure: bpy.types.Object, take: bpy.types.Action) -> None:
        """As `variations.show`; after the last comes the first."""
        takes = variations.takes_of(figure)
        variations.show(figure, takes[(takes.index(take) + self.by) % len(takes)])


class ISODIM_OT_discard_takes(_OnTake):
    """All takes go away, with their tracks and copies; the figure plays what it played before them"""

    bl_idname = "isodim.discard_takes"
    bl_label = "Discard All"
    bl_options = {"UNDO"}

    def do(self, context: bpy.types.Context, figure: bpy.types.Object, take: bpy.types.Action) -> None:
        """As `variations.discard`; the figure is active then."""
        context.view_layer.objects.active = figure
        variations.discard(figure)


class ISODIM_OT_keep_take(_OnTake):
    """This take stays; the other takes, their tracks and the copies go away"""

    bl_idname = "isodim.keep_take"
    bl_label = "Keep Take"
    bl_options = {"UNDO"}

    def do(self, context: bpy.types.Context, figure: bpy.types.Object, take: bpy.types.Action) -> None:
        """As `variations.keep`; the figure is active then."""
        variations.keep(figure, take)
        context.view_layer.objects.active = figure


CLASSES = (ISODIM_OT_variations, ISODIM_OT_show_take, ISODIM_OT_step_take, ISODIM_OT_keep_take, ISODIM_OT_discard_takes)
