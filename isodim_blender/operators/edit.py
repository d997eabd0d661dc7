"""Edits of the active armature's Action: the request is made in `editing.edit_requests`, what becomes of it in `editing.tasks`."""

from __future__ import annotations

from typing import Any

import bpy

from ...common.errors import InputError
from ...common.wire import requests
from ..editing import edit_requests, preview
from ..editing import span as spans
from ..rig import target
from ..settings import edit as settings
from ..steps import Steps
from . import running
from .export_clip import has_action

SEED = bpy.props.IntProperty(
    name="Seed", description="As in the panel if not given", min=0, max=requests.MAX_SEED, options={"SKIP_SAVE"}
)


class _Edit(bpy.types.Operator):
    """A request about the active armature's Action. samples: another seed makes another answer."""

    samples = True

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Grey with a reason while a job runs, without a backend, or without an Action."""
        return running.ready(cls, context) and has_action(cls, context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Checks, asks; waits only where there are no timers."""
        try:
            return running.ask(self, context, self.build_request(context, subject(self, context)))
        except InputError as error:
            return running.refused(self, error)

    def build_request(self, context: bpy.types.Context, on: edit_requests.Subject) -> edit_requests.Asked:
        """The request, and what becomes of its answer, in steps."""
        raise NotImplementedError

    def chosen(self, context: bpy.types.Context, name: str) -> Any:
        """What a script gave, or the panel's setting."""
        return settings.chosen(self, context, name)

    def span(self, context: bpy.types.Context, on: edit_requests.Subject) -> Steps[spans.Span]:
        """The frames that are meant; a script's `start` or `end` are typed ones."""
        given = any(self.properties.is_property_set(name) for name in ("start", "end"))
        source = "TYPED" if given and not self.properties.is_property_set("source") else self.chosen(context, "source")
        typed = self.chosen(context, "start"), self.chosen(context, "end")
        return spans.of(on.scene, on.armature, source, typed)


def subject(operator: bpy.types.Operator, context: bpy.types.Context) -> edit_requests.Subject:
    """The target armature, and how things stand; InputError if its Action cannot be edited."""
    armature = target.target_armature(context)
    if armature is None:
        raise InputError("Armature", "none", "an active armature whose Action is edited")
    action = preview.editable(armature)
    sampling = context.scene.isodim.sampling()
    if operator.samples:
        sampling |= running.seed_for(operator, context)
    return edit_requests.Subject(context.scene, armature, action, running.options_now(context.scene.isodim), sampling)


class ISODIM_OT_redo_range(_Edit):
    """Regenerate the frames of the range from the prompt; all other frames stay as they are"""

    bl_idname = "isodim.redo_range"
    bl_label = "Redo Range"

    prompt: settings.PROMPT
    source: settings.SOURCE
    start: settings.START
    end: settings.END
    arrive: settings.ARRIVE
    part: settings.PART
    tolerance_cm: settings.TOLERANCE_CM
    seed: SEED

    def build_request(self, context: bpy.types.Context, on: edit_requests.Subject) -> edit_requests.Asked:
        """The range, with its key poses."""
        prompt, arrive, part, tolerance_cm = (
            self.chosen(context, name) for name in ("prompt", "arrive", "part", "tolerance_cm")
        )
        return edit_requests.redo(on, self.span(context, on), prompt, arrive, part, tolerance_cm)


class ISODIM_OT_in_between(_Edit):
    """Fill the gap between the keys before and after the range; or, given two names, between two Actions or NLA strips"""

    bl_idname = "isodim.in_between"
    bl_label = "In-Between"

    prompt: settings.PROMPT
    source: settings.SOURCE
    start: settings.START
    end: settings.END
    first: bpy.props.StringProperty(name="First", description="An Action or NLA strip", options={"SKIP_SAVE"})
    second: bpy.props.StringProperty(name="Second", description="The one after it", options={"SKIP_SAVE"})
    seconds: settings.SECONDS
    seed: SEED

    def build_request(self, context: bpy.types.Context, on: edit_requests.Subject) -> edit_requests.Asked:
        """A gap on the timeline, or between two takes."""
        prompt = self.chosen(context, "prompt")
        if self.first or self.second:
            return edit_requests.between_takes(on, self.first, self.second, prompt, self.chosen(context, "seconds"))
        return edit_requests.in_between(on, self.span(context, on), prompt)


class ISODIM_OT_extend(_Edit):
    """More motion after the clip, or before it"""

    bl_idname = "isodim.extend"
    bl_label = "Extend"

    prompt: settings.PROMPT
    seconds: settings.SECONDS
    before: bpy.props.BoolProperty(
        name="Before", description="Before the clip instead of after it", options={"SKIP_SAVE"}
    )
    seed: SEED

    def build_request(self, context: bpy.types.Context, on: edit_requests.Subject) -> edit_requests.Asked:
        """The new frames."""
        return edit_requests.extend(on, self.chosen(context, "prompt"), self.chosen(context, "seconds"), self.before)


class ISODIM_OT_follow_path(_Edit):
    """Bend the clip so that the figure goes along a curve"""

    bl_idname = "isodim.follow_path"
    bl_label = "Follow Path"

    prompt: settings.PROMPT
    curve: bpy.props.StringProperty(name="Curve", description="Name of a curve object", options={"SKIP_SAVE"})
    by_curve: settings.BY_CURVE
    duration: settings.DURATION
    seed: SEED

    def build_request(self, context: bpy.types.Context, on: edit_requests.Subject) -> edit_requests.Asked:
        """The curve where the armature stands."""
        curve = bpy.data.objects.get(self.curve) if self.curve else context.scene.isodim.edit.curve
        seconds = self.chosen(context, "duration") if self.chosen(context, "by_curve") else None
        return edit_requests.follow_path(on, curve, self.chosen(context, "prompt"), seconds)


class ISODIM_OT_blend_takes(_Edit):
    """Mix the clip with another take, between the two"""

    bl_idname = "isodim.blend_takes"
    bl_label = "Blend Takes"

    other: bpy.props.StringProperty(name="Other Take", description="Name of an Action", options={"SKIP_SAVE"})
    amount: settings.AMOUNT
    seed: SEED

    def build_request(self, context: bpy.types.Context, on: edit_requests.Subject) -> edit_requests.Asked:
        """This take and the other."""
        other = edit_requests.named(on.armature, self.other) if self.other else context.scene.isodim.edit.other
        return edit_requests.blend(on, other, self.chosen(context, "amount"))


class ISODIM_OT_nudge(_Edit):
    """More of the clip's own motion, or less"""

    bl_idname = "isodim.nudge"
    bl_label = "Nudge"

    amount: settings.NUDGE
    seed: SEED

    def build_request(self, context: bpy.types.Context, on: edit_requests.Subject) -> edit_requests.Asked:
        """This take."""
        given = self.properties.is_property_set("amount")
        return edit_requests.nudge(on, self.amount if given else context.scene.isodim.edit.nudge)


class ISODIM_OT_rank(_Edit):
    """Score how well each take of the clip's prompt fits it; the score is kept with the Action"""

    bl_idname = "isodim.rank"
    bl_label = "Rank Takes"
    samples = False

    prompt: bpy.props.StringProperty(name="Prompt", description="The clip's own if not given", options={"SKIP_SAVE"})

    def build_request(self, context: bpy.types.Context, on: edit_requests.Subject) -> edit_requests.Asked:
        """All takes of the prompt."""
        return edit_requests.rank(on, self.prompt or str(on.action.get("isodim_prompt", "")))


CLASSES = (
    ISODIM_OT_redo_range, ISODIM_OT_in_between, ISODIM_OT_extend, ISODIM_OT_follow_path, ISODIM_OT_blend_takes,
    ISODIM_OT_nudge, ISODIM_OT_rank,
)  # fmt: skip
