"""Prompt strips: a list of prompts becomes one clip, whose Action remembers where each strip lies.

The Action's custom property `isodim_strips` holds the record, JSON of prompt, seed, start and end of each strip (frames of the
wire, end outside); `isodim_strips_id` tells it from other sequences. Pose markers show the strips on the timeline, one at each
beginning. The NLA is left alone: a sequence is one continuous clip, and its strips cannot be moved by themselves.
"""

from __future__ import annotations

import dataclasses
import json
import secrets
from typing import Any, Self

import bpy

from ...common import FPS
from ...common.errors import InputError
from ...common.wire import requests
from ..action import facts
from ..client.job import Answer
from ..rig import recording
from ..steps import Steps, one_step
from ..work.task import NewAction, Outcome
from . import edit_requests, tasks
from . import span as spans

RECORD, RECORD_ID = f"{facts.PREFIX}strips", f"{facts.PREFIX}strips_id"
NEW, CHANGED, OTHER_LENGTH, MADE = "new", "changed", "other length", ""
_MARKER_CHARACTERS = 60


def request(items: bpy.types.bpy_prop_collection, sampling: dict[str, Any]) -> requests.Sequence:
    """All strips as a request; InputError for none, an empty prompt, or more than a minute."""
    if len(items) == 0:
        raise InputError("Strips", "none", "at least one strip with a prompt")
    if len(items) > requests.MAX_STRIPS:
        raise InputError("Strips", len(items), f"at most {requests.MAX_STRIPS}")
    made = []
    for number, item in enumerate(items, 1):
        try:
            made.append(requests.Strip(item.prompt, item.seconds if item.use_seconds else None))
        except InputError as error:
            raise InputError(f"Strip {number}: {error.field}", error.value, error.allowed) from None
    known = sum(strip.seconds or requests.MIN_SECONDS for strip in made)
    if known > requests.MAX_MOTION_S + 1e-4:
        raise InputError("Seconds of all strips", round(known, 1), f"at most {requests.MAX_MOTION_S:g}")
    return requests.Sequence(strips=tuple(made), **sampling)


def mark_requested(items: bpy.types.bpy_prop_collection) -> str:
    """Notes on every strip that it is requested now; returns by which id it is found again when the clip is there."""
    token = secrets.token_hex(6)
    for index, item in enumerate(items):
        item.requested_in, item.requested_as = token, index
    return token


@dataclasses.dataclass(frozen=True, kw_only=True)
class NewSequence(NewAction):
    """The clip becomes a new Action with a record and markers of its strips. token: what `mark_requested` gave."""

    token: str

    def deliver(self, answer: Answer, scene: bpy.types.Scene, armature: bpy.types.Object | None) -> Steps[Outcome]:
        """As a new clip; then strips that are still in the list learn where they lie."""
        outcome = yield from NewAction.deliver(self, answer, scene, armature)
        assert outcome.result is not None
        action = bpy.data.objects[outcome.result.armature].animation_data.action
        action[RECORD_ID] = self.token
        found = record(action)
        for item in scene.isodim.strips.items:
            if item.requested_in == self.token and item.requested_as < len(found):
                item.made_in, item.made_as = item.requested_in, item.requested_as
                item.seed = found[item.requested_as]["seed"]
        mark(action)
        return outcome


def record(action: bpy.types.Action | None) -> list[dict[str, Any]]:
    """prompt, seed, start, end of the strips of an Action; empty if it was not made from strips."""
    try:
        found = json.loads(action[RECORD]) if action is not None and RECORD in action else []
    except (TypeError, ValueError):
        return []  # a person can edit custom properties
    keys = {"prompt", "seed", "start", "end"}
    sound = isinstance(found, list) and all(isinstance(strip, dict) and keys <= strip.keys() for strip in found)
    return found if sound else []


def span_of(action: bpy.types.Action, index: int) -> spans.Span:
    """The scene frames of a strip: the next one begins where it ends."""
    found, frames = record(action), recording.frames_of(action)
    ratio = float(action.get(f"{facts.PREFIX}scene_fps", FPS)) / float(action.get(f"{facts.PREFIX}source_fps", FPS))
    begin = int(action.get(f"{facts.PREFIX}first_frame", frames.start))
    first, end = (begin + round(found[index][key] * ratio) for key in ("start", "end"))
    if index + 1 == len(found):
        end = max(end, frames.stop)
    return spans.Span(first, min(end, frames.stop) - 1, "strip")


def mark(action: bpy.types.Action) -> None:
    """A pose marker at the beginning of each strip, named by its prompt; markers elsewhere, which a person set, stay."""
    for index, strip in enumerate(record(action)):
        frame = span_of(action, index).first
        marker = next((one for one in action.pose_markers if one.frame == frame), None)
        if marker is None:
            marker = action.pose_markers.new(strip["prompt"][:_MARKER_CHARACTERS])
            marker.frame = frame
        marker.name = strip["prompt"][:_MARKER_CHARACTERS]


def state(item: bpy.types.PropertyGroup, action: bpy.types.Action | None) -> str:
    """How a strip of the list stands to the Action that plays: NEW, CHANGED, OTHER_LENGTH or MADE."""
    found = record(action)
    if action is None or not found or item.made_in != action.get(RECORD_ID) or not 0 <= item.made_as < len(found):
        return NEW
    strip = found[item.made_as]
    if (item.prompt.strip(), item.seed) != (strip["prompt"], strip["seed"]):
        return CHANGED
    made_s = (strip["end"] - strip["start"]) / FPS
    return OTHER_LENGTH if item.use_seconds and abs(item.seconds - made_s) > 0.5 / FPS + 1e-4 else MADE


def redo(on: edit_requests.Subject, item: bpy.types.PropertyGroup) -> edit_requests.Asked:
    """The strip's frames made anew from its own prompt and seed, all others as they are.

    InputError if the Action was not made with it.
    """
    if state(item, on.action) == NEW:
        raise InputError("Strip", item.prompt, f"a strip that {on.action.name} was made with; Generate Strips makes it")
    on = dataclasses.replace(on, sampling=on.sampling | {"seed": item.seed})
    index, seed = item.made_as, item.seed
    made, task = yield from edit_requests.redo(
        on, one_step(span_of)(on.action, item.made_as), item.prompt, True, "all", 2.0
    )
    fields = {field.name: getattr(task, field.name) for field in dataclasses.fields(task)}
    return made, RedoneStrip(**fields, index=index, prompt=made.prompt, seed=seed)


@dataclasses.dataclass(frozen=True, kw_only=True)
class RedoneStrip(tasks.ApplyRange):
    """A range is applied, then the record says what stands there now."""

    index: int
    prompt: str
    seed: int

    def again(self, armature: bpy.types.Object, seed: int) -> Steps[Self]:
        """With the seed that the strip has then."""
        task = yield from tasks.ApplyRange.again(self, armature, seed)
        return dataclasses.replace(task, seed=seed)

    def deliver(self, answer: Answer, scene: bpy.types.Scene, armature: bpy.types.Object | None) -> Steps[Outcome]:
        """As the range; the preview that it makes has a record and markers of its own."""
        assert armature is not None
        outcome = yield from tasks.ApplyRange.deliver(self, answer, scene, armature)
        action = armature.animation_data.action
        found = record(action)
        found[self.index] |= {"prompt": self.prompt, "seed": self.seed}
        action[RECORD] = json.dumps(found)
        mark(action)
        for item in scene.isodim.strips.items:
            if item.made_in == action.get(RECORD_ID) and item.made_as == self.index:
                item.seed = self.seed
        return outcome
