"""An edit as a request and a task, from the scene as it stands; InputError, one sentence, where it cannot be."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import bpy
import numpy as np

from ...common.errors import InputError
from ...common.motion.motion import Motion
from ...common.wire import requests
from .. import slots
from ..action import action_motion, apply
from ..action.signature import signing
from ..rig import recording
from ..steps import Steps
from ..work.task import Task
from . import poses, preview, root_path, tasks, variations
from . import span as spans

Built = tuple[requests.Request, Task]
Asked = Steps[Built]
"""A request that takes some steps to make: what the armature plays is read."""


@dataclasses.dataclass(frozen=True)
class Subject:
    """What every edit begins with. sampling: the fields of `requests.Request`. armature: the one whose Action is edited.

    edit: which tool works on which frames. instead: `action` is the one before a preview, whose place the result takes.
    """

    scene: bpy.types.Scene
    armature: bpy.types.Object
    action: bpy.types.Action
    options: apply.Options
    sampling: dict[str, Any]
    edit: preview.Edit | None = None
    instead: bool = False

    @property
    def first(self) -> int:
        """The scene frame of the clip's first."""
        return recording.frames_of(self.action).start

    def with_edit(self, tool: str, frames: tuple[int, int] = preview.EVERY_FRAME) -> Steps[Subject]:
        """The same for that edit: on the Action before the preview, where the edit makes all anew that the preview made."""
        edit = preview.Edit(tool, frames)
        before = yield from preview.replaced_by(self.armature, edit)
        return dataclasses.replace(self, edit=edit, action=before or self.action, instead=before is not None)

    def clip(self, frames: range | None = None) -> Steps[Motion]:
        """What the armature plays (or those frames of it), with a frame of the clip for each of the scene's."""
        before = yield from self._signed()
        clip = yield from action_motion.reading(self.armature, self.action, self.scene, frames)
        if (yield from self._signed()) != before:
            raise InputError("Action", self.action.name, "one that nobody changes while it is read: press again")
        return clip

    def _signed(self) -> Steps[list[tuple[int, str]]]:
        """What is edited and what is played, each with what it holds: Blender may tell of changes where there are none."""
        found = []
        for action in dict.fromkeys((self.action, preview.editable(self.armature))):
            signature = yield from signing(action, slots.identifier_for(action, self.armature))
            found.append((action.session_uid, signature))
        return found

    def around(self, span: spans.Span, follows: bool) -> range:
        """The frames that an edit of `span` has to know: the backend looks no further. All before and after, where all is moved."""
        whole = recording.frames_of(self.action)
        beside = math.ceil(requests.CONTEXT_S * apply.frame_rate(self.scene))
        if any(not path.startswith("pose.") for _, path in slots.curve_paths(self.action)):
            return whole  # the object goes along: all counts from where it begins
        return range(
            max(whole.start, span.first - beside), whole.stop if follows else min(whole.stop, span.last + 1 + beside)
        )

    def common(self, title: str) -> dict[str, Any]:
        """What every task holds."""
        return {"scene_uid": self.scene.session_uid, "armature_uid": self.armature.session_uid, "title": title}

    def of_action(self) -> Steps[dict[str, Any]]:
        """What every task holds that becomes a preview."""
        assert self.edit is not None
        return {"edit": self.edit, "instead": self.instead, **(yield from tasks.played_now(self.armature))}

    def range_task(
        self, span: spans.Span, title: str, start_frame: int | None = None, follows: bool = False
    ) -> Steps[tasks.ApplyRange]:
        """The task that applies a range."""
        return tasks.ApplyRange(
            **self.common(title),
            start_frame=self.first if start_frame is None else start_frame,
            first=span.first,
            last=span.last,
            follows=follows,
            options=self.options,
            **(yield from self.of_action()),
        )

    def take_task(self, title: str) -> Steps[tasks.NewTake]:
        """The task that makes a whole new take."""
        now = yield from self.of_action()
        return tasks.NewTake(**self.common(title), frame=self.first, options=self.options, **now)


def redo(
    on: Subject, meant: Steps[spans.Span], prompt: str, arrive: bool, part: str, tolerance_cm: float
) -> Steps[tuple[requests.Edit, tasks.ApplyRange]]:
    """The span that is meant made anew, from words, with the key poses in it."""
    span = yield from meant
    key_poses = poses.inside(on.action, span, on.scene)
    on = yield from on.with_edit(f"redo {part}", (span.first, span.last if arrive else preview.EVERY_FRAME[1]))
    spans.check(span, on.armature, on.action)
    if span.frames == len(recording.frames_of(on.action)):
        raise InputError(
            "Range", (span.first, span.last), "some frames of the Action outside; Generate makes all of it"
        )
    frames = on.around(span, not arrive)
    clip = yield from on.clip(frames)
    request = requests.Edit(
        clip=clip,
        prompt=prompt,
        start=span.first - frames.start,
        end=span.last + 1 - frames.start,
        arrive=arrive,
        part=part,
        key_poses=tuple(
            dataclasses.replace(one, frame=one.frame + recording.frames_of(on.action).start - frames.start)
            for one in key_poses
        ),
        tolerance_cm=tolerance_cm,
        **on.sampling,
    )
    return request, (yield from on.range_task(span, prompt, start_frame=frames.start, follows=not arrive))


def in_between(on: Subject, meant: Steps[spans.Span], prompt: str) -> Asked:
    """The gap from the last key at or before the beginning of the span that is meant to the first at or after its end."""
    span = yield from meant
    on = yield from on.with_edit("in-between", (span.first, span.last))
    spans.check(span, on.armature, on.action, keyed=False)
    times = spans.key_times(on.armature, on.action)
    before, after = times[times <= span.first], times[times >= span.last]
    if len(before) == 0 or len(after) == 0:
        raise InputError("Range", (span.first, span.last), "a range with a key before it and one after it")
    gap = spans.Span(int(np.floor(before[-1])) + 1, int(np.ceil(after[0])) - 1, span.origin)
    if gap.frames < 1:
        raise InputError("Gap", (gap.first, gap.last), "frames between the keys before and after it")
    frames = on.around(gap, False)
    clip = yield from on.clip(frames)
    first = _piece(clip, 0, gap.first - frames.start)
    request = requests.InBetween(
        first=first,
        second=_piece(clip, gap.last + 1 - frames.start, clip.frames),
        prompt=prompt,
        seconds=gap.frames / clip.fps,
        **on.sampling,
    )
    return request, (yield from on.range_task(gap, prompt, start_frame=gap.first - first.frames))


def between_takes(on: Subject, first: str, second: str, prompt: str, seconds: float) -> Asked:
    """From the end of one Action or NLA strip to the beginning of another: one new take."""
    on = yield from on.with_edit("between takes")
    clips = []
    for action in [named(on.armature, name) for name in (first, second)]:
        clips.append((yield from action_motion.reading(on.armature, action, on.scene)))
    request = requests.InBetween(
        first=clips[0], second=clips[1], prompt=prompt, seconds=seconds, arrive=False, **on.sampling
    )
    return request, (yield from on.take_task(prompt))


def extend(on: Subject, prompt: str, seconds: float, before: bool) -> Asked:
    """More motion after the Action, or before it."""
    on = dataclasses.replace(on, edit=preview.Edit(f"extend {seconds:g} {before}", (0, -1)))  # twice is twice as much
    spans.check_channels(on.armature, on.action)
    clip = yield from on.clip()
    frames = max(1, round(seconds * clip.fps))
    first = on.first - frames if before else on.first + clip.frames
    span = spans.Span(first, first + frames - 1, "extended")
    spans.check_length(span)
    request = requests.Extend(clip=clip, prompt=prompt, seconds=frames / clip.fps, before=before, **on.sampling)
    return request, (yield from on.range_task(span, prompt, start_frame=min(first, on.first), follows=not before))


def follow_path(on: Subject, curve: bpy.types.Object | None, prompt: str, seconds: float | None) -> Asked:
    """The Action bent along a curve."""
    on = yield from on.with_edit("path")
    curve = root_path.followed(curve)
    points = root_path.points_of(curve, on.armature)
    clip = yield from on.clip()
    words = prompt or str(on.action.get("isodim_prompt", "")) or "a person walks"
    request = requests.Path(prompt=words, points=points, seconds=seconds, clip=clip, **on.sampling)
    return request, (yield from on.take_task(f"{on.action.name} along {curve.name}"))


def blend(on: Subject, other: bpy.types.Action | None, amount: float) -> Asked:
    """The Action mixed with another one."""
    on = yield from on.with_edit("blend")
    if other is None or other == on.action or not slots.animates(other, on.armature):
        raise InputError("Other take", None if other is None else other.name, "another Action of this armature")
    first = yield from on.clip()
    second = yield from action_motion.reading(on.armature, other, on.scene)
    request = requests.Blend(first=first, second=second, amount=amount, **on.sampling)
    return request, (yield from on.take_task(f"{on.action.name} and {other.name}"))


def nudge(on: Subject, amount: float) -> Asked:
    """The Action, more or less of it."""
    on = yield from on.with_edit("nudge")
    request = requests.Nudge(clip=(yield from on.clip()), amount=amount, **on.sampling)
    return request, (yield from on.take_task(on.action.name))


def rank(on: Subject, prompt: str) -> Asked:
    """How well the takes of a prompt fit it; while some are compared as variations, those."""
    figure = variations.figure_of(on.armature)
    takes = [
        action
        for action in (bpy.data.actions if figure is None else variations.takes_of(figure))
        if action.get("isodim_prompt") == prompt and slots.animates(action, on.armature)
    ]
    if not 1 <= len(takes) <= requests.MAX_CLIPS:
        raise InputError(
            "Takes", len(takes), f"1 to {requests.MAX_CLIPS} Actions of {on.armature.name} made from {prompt!r}"
        )
    clips = []
    for action in takes:
        clips.append((yield from action_motion.reading(on.armature, action, on.scene)))
    request = requests.Rank(prompt=prompt, clips=tuple(clips), **on.sampling)
    return request, tasks.Scores(**on.common("Rank"), takes=tuple(action.session_uid for action in takes))


def named(armature: bpy.types.Object, name: str) -> bpy.types.Action:
    """The Action of that name, or of the armature's NLA strip of that name; InputError if there is none."""
    strips = [strip for track in armature.animation_data.nla_tracks for strip in track.strips]
    found = bpy.data.actions.get(name) or next((strip.action for strip in strips if strip.name == name), None)
    if found is None or not slots.animates(found, armature):
        raise InputError("Action", name, f"an Action or NLA strip of {armature.name}")
    return found


def _piece(clip: Motion, start: int, end: int) -> Motion:
    """Frames of a clip; two or three, which tell no motion, count as the pose that is nearest to the gap."""
    if 1 < end - start < spans.MIN_FRAMES:
        start, end = (end - 1, end) if start == 0 else (start, start + 1)
    return clip.cut(start, end)
