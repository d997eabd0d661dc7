"""What becomes of an edit's answer: a range of a preview, a whole take, a loop, scores."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Self

import bpy

from ...common.errors import InputError
from ...common.motion import verdict
from ...common.motion.motion import Motion
from ...common.wire import messages
from .. import slots
from ..action import apply
from ..action.signature import signing
from ..client.job import Answer
from ..steps import Steps, one_step
from ..work.task import NewAction, Outcome, Task, clips_of
from . import apply_range, cycles, preview

SCORE = "isodim_score"
SMOOTH = 1.1
"""A jump up to this many of the clip's median frame steps cannot be told from its motion."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class OfAction(Task):
    """An edit of what the armature played when the request was sent: `played_now` then.

    instead: the preview that was played then gives its place to the result.
    """

    action_uid: int
    slot: str
    signature: str
    edit: preview.Edit
    instead: bool = False

    def again(self, armature: bpy.types.Object, seed: int) -> Steps[Self]:
        """The same task for another answer to the same request, in the place of this one's preview."""
        return dataclasses.replace(self, instead=True, **(yield from played_now(armature)))

    def changed(self, armature: bpy.types.Object | None) -> Steps[str]:
        """Another Action, another slot of it, or another content holds the result back; another name does not."""
        assert armature is not None
        data = armature.animation_data
        action = None if data is None else data.action
        if action is None or action.session_uid != self.action_uid:
            return f"{armature.name} plays another Action than when the edit began."
        if _slot_name(armature) != self.slot:
            return f"{armature.name} plays another slot of {action.name} than when the edit began."
        if (yield from signing(action, self.slot)) != self.signature:
            return f"{action.name} was changed while the edit was made."
        return ""


def played_now(armature: bpy.types.Object) -> Steps[dict[str, Any]]:
    """The fields of `OfAction` as things stand; InputError if what the armature plays cannot be edited."""
    action, slot = preview.editable(armature), _slot_name(armature)
    return {"action_uid": action.session_uid, "slot": slot, "signature": (yield from signing(action, slot))}


def _slot_name(armature: bpy.types.Object) -> str:
    slot = slots.assigned_slot(armature.animation_data)
    return "" if slot is None else slot.identifier


@dataclasses.dataclass(frozen=True, kw_only=True)
class ApplyRange(OfAction):
    """Frames of the clip that comes go into a copy of the armature's Action, which is then a preview.

    start_frame: the scene frame of the clip's first. first, last: scene frames that are written. follows: what comes after
    `last` is new as well.
    """

    start_frame: int
    first: int
    last: int
    follows: bool
    options: apply.Options

    def deliver(self, answer: Answer, scene: bpy.types.Scene, armature: bpy.types.Object | None) -> Steps[Outcome]:
        """As `apply_range` does it; the seams are those on the rig."""
        assert armature is not None
        motion = clips_of(answer)[0]
        where = self.start_frame, self.first, self.last
        action = preview.base(armature, self.instead)
        slot = slots.identifier_for(action, armature)
        before = yield from signing(action, slot)
        made = yield from apply_range.computing(armature, action, motion, scene, where, self.options, self.follows)
        copy = yield from apply_range.written(armature, action, made)
        try:
            if preview.base(armature, self.instead) != action or (yield from signing(action, slot)) != before:
                raise InputError("Action", action.name, "one that nobody changes while the result is written")
            with preview.in_place_of_pending(armature, self.instead):
                preview.begin(armature, copy)
        except BaseException:
            bpy.data.actions.remove(copy)
            raise
        yield
        yield from preview.finish(armature, self.edit)
        yield
        done = yield from apply_range.looked_at(made, copy)
        armature.update_tag(refresh={"TIME"})  # its seams were measured, and the pose of before came back
        sentence = f"Frames {done.first} to {done.last} on {armature.name}: keep or discard"
        if said := verdict.said(motion.meta):
            sentence = f"{sentence}. {said}"
        seconds = (done.last + 1 - done.first) / apply.frame_rate(scene)
        return Outcome(
            sentence,
            (seam_words({f"at frame {frame}": jump for frame, jump in done.seams.items()}), *lines_of(motion)),
            apply.Result(armature.name, seconds, done.slide_cm, done.few),
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class NewTake(OfAction):
    """A whole clip in the place of the armature's Action, as a preview."""

    frame: int
    options: apply.Options

    def deliver(self, answer: Answer, scene: bpy.types.Scene, armature: bpy.types.Object | None) -> Steps[Outcome]:
        """A new Action, pending; the old one stays."""
        assert armature is not None
        motion, data = clips_of(answer)[0], armature.animation_data
        with preview.in_place_of_pending(armature, self.instead):
            old, slot = data.action, slots.assigned_slot(data)
            was_kept = old is not None and old.use_fake_user
            result = yield from apply.applying(motion, armature, scene, self.frame, self.title, self.options)
            entry = data.action.isodim
            entry.preview, entry.replaces, entry.replaced_was_kept = old is not None, old, was_kept
            entry.replaces_slot = "" if slot is None else slot.identifier
        yield from preview.finish(armature, self.edit)
        return Outcome(result.sentence, lines_of(motion), result)


@dataclasses.dataclass(frozen=True, kw_only=True)
class NewLoop(NewAction):
    """One period as a new Action that repeats."""

    travel: bool

    def deliver(self, answer: Answer, scene: bpy.types.Scene, armature: bpy.types.Object | None) -> Steps[Outcome]:
        """The period closed on the scene's frames, then the curves."""
        motion = cycles.closed(clips_of(answer)[0], scene)
        result = yield from apply.applying(motion, armature, scene, self.frame, self.title, self.options)
        figure = armature or bpy.data.objects[result.armature]
        count = cycles.repeat(figure, self.travel)
        lines = (
            f"Repeats every {motion.frames - 1} frames: {count} curves",
            seam_words({"where it repeats": cycles.seam(figure, scene)}),
        )
        return Outcome(result.sentence, lines, result)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Scores(Task):
    """Each take gets its score as a custom property; session_uids of the Actions in the request's order."""

    takes: tuple[int, ...]

    @one_step
    def deliver(self, answer: Answer, scene: bpy.types.Scene, armature: bpy.types.Object | None) -> Outcome:
        """The best first; takes deleted meanwhile are left out."""
        if not isinstance(answer, messages.Ranked):
            raise InputError(
                "Answer", type(answer).__name__, "scores: install add-on and backend from the same release"
            )
        found = {action.session_uid: action for action in bpy.data.actions}
        ranked = [(score, found[uid]) for uid, score in zip(self.takes, answer.scores, strict=True) if uid in found]
        if not ranked:
            raise InputError("Takes", "deleted meanwhile", "takes that are still there")
        ranked.sort(key=lambda pair: -pair[0])
        for score, action in ranked:
            action[SCORE] = score
        lines = tuple(f"{score:.3f}  {action.name}" for score, action in ranked)
        return Outcome(f"{ranked[0][1].name} fits best of {len(ranked)}", lines)


def seam_words(seams: Mapping[str, tuple[float, float]]) -> str:
    """How the new motion joins what is there, in an animator's words.

    seams: where each border is ("at frame 30") -> its (position, velocity) jump in the clip's median frame steps.
    """
    rough = {where: max(jump) for where, jump in seams.items() if max(jump) > SMOOTH}
    if rough:
        times = " and ".join(f"{jump:.1f}" for jump in rough.values())
        return f"Jumps {' and '.join(rough)}, {times} times as far as from frame to frame"
    return "Smooth at both ends" if len(seams) > 1 else f"Smooth {next(iter(seams), 'all along')}"


def lines_of(motion: Motion) -> tuple[str, ...]:
    """What the edit says of itself, for the panel."""
    facts = cycles.facts_of(motion)
    lines = []
    if (errors := facts.get("key_errors_cm")) is not None:
        lines.append("Key poses: " + ", ".join(f"{error:.1f} cm" for error in errors))
    if (deviation := facts.get("deviation_cm")) is not None:
        lines.append(f"Path: {deviation:.1f} cm off at most")
    return tuple(lines)
