"""Prompt strips: the list, one clip from all of it, one strip regenerated."""

from __future__ import annotations

import bpy

from ...common.errors import InputError
from ..editing import edit_requests, preview, strips
from ..rig import mapping, target
from . import running
from .export_clip import has_action

_VERBS = [
    ("ADD", "Add", "A strip after the chosen one"),
    ("REMOVE", "Remove", "Take the chosen strip off the list"),
    ("UP", "Move Up", "The chosen strip comes earlier"),
    ("DOWN", "Move Down", "The chosen strip comes later"),
    ("DUPLICATE", "Duplicate", "The chosen strip once more, after itself"),
]
_COPIED = ("prompt", "use_seconds", "seconds", "seed")


class ISODIM_OT_change_strips(bpy.types.Operator):
    """Change the list of strips"""

    bl_idname = "isodim.change_strips"
    bl_label = "Change Strips"
    bl_options = {"UNDO", "INTERNAL"}

    verb: bpy.props.EnumProperty(
        name="Change", description="What is done to the list", items=_VERBS, options={"SKIP_SAVE"}
    )
    prompt: bpy.props.StringProperty(name="Prompt", description="Of an added strip", options={"SKIP_SAVE"})
    seconds: bpy.props.FloatProperty(
        name="Seconds", description="Of an added strip; 0: automatic", min=0.0, options={"SKIP_SAVE"}
    )

    @classmethod
    def description(cls, context: bpy.types.Context, properties: bpy.types.OperatorProperties) -> str:
        """Of each verb its own."""
        return next(text for verb, _, text in _VERBS if verb == properties.verb)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Does it; nothing without a chosen strip."""
        listed = context.scene.isodim.strips
        count, index = len(listed.items), listed.index
        chosen = listed.items[index] if 0 <= index < count else None
        if self.verb == "ADD":
            values = {"prompt": self.prompt, "use_seconds": self.seconds > 0, "seconds": self.seconds or 3.0}
            _insert(listed, index + 1 if chosen else count, values | {"seed": context.scene.isodim.seed})
        elif chosen is None:
            return {"CANCELLED"}
        elif self.verb == "REMOVE":
            listed.items.remove(index)
            listed.index = max(0, min(index, count - 2))
        elif self.verb == "DUPLICATE":
            _insert(listed, index + 1, {name: getattr(chosen, name) for name in _COPIED})
        else:
            to = index + (1 if self.verb == "DOWN" else -1)
            if not 0 <= to < count:
                return {"CANCELLED"}
            listed.items.move(index, to)
            listed.index = to
        return {"FINISHED"}


def _insert(listed: bpy.types.PropertyGroup, at: int, values: dict[str, object]) -> None:
    new = listed.items.add()
    for name, value in values.items():
        setattr(new, name, value)
    listed.items.move(len(listed.items) - 1, at)
    listed.index = at


class ISODIM_OT_generate_strips(bpy.types.Operator):
    """Make one continuous clip from all strips, from the current frame on"""

    bl_idname = "isodim.generate_strips"
    bl_label = "Generate Strips"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Grey with a reason while a job runs or without a backend."""
        return running.ready(cls, context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Checks, asks; waits only where there are no timers."""
        scene = context.scene
        try:
            sampling = scene.isodim.sampling() | running.seed_for(self, context)
            request = strips.request(scene.isodim.strips.items, sampling)
            armature = target.target_armature(context)
            if armature is not None:
                target.check_writable(armature)
                mapping.of(armature).check()
            task = strips.NewSequence(
                scene_uid=scene.session_uid,
                armature_uid=None if armature is None else armature.session_uid,
                title=request.strips[0].prompt,
                frame=scene.frame_current,
                options=running.options_now(scene.isodim),
                token=strips.mark_requested(scene.isodim.strips.items),
            )
            return running.send(self, context, request, task)
        except InputError as error:
            return running.refused(self, error)


class ISODIM_OT_redo_strip(bpy.types.Operator):
    """Regenerate the chosen strip from its own prompt and seed; its length and all other strips stay"""

    bl_idname = "isodim.redo_strip"
    bl_label = "Redo Strip"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Grey with a reason without an Action or a chosen strip."""
        if not running.ready(cls, context) or not has_action(cls, context):
            return False
        listed = context.scene.isodim.strips
        if not 0 <= listed.index < len(listed.items):
            cls.poll_message_set("Choose a strip in the list")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Checks, asks."""
        listed = context.scene.isodim.strips
        try:
            armature, settings = target.target_armature(context), context.scene.isodim
            on = edit_requests.Subject(
                context.scene, armature, preview.editable(armature), running.options_now(settings), settings.sampling()
            )
            return running.ask(self, context, strips.redo(on, listed.items[listed.index]))
        except InputError as error:
            return running.refused(self, error)


CLASSES = (ISODIM_OT_change_strips, ISODIM_OT_generate_strips, ISODIM_OT_redo_strip)
