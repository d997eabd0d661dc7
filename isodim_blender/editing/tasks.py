"""What becomes of an edit's answer: a range of a preview, a whole take, a loop, scores."""

from __future__ import annotations

import dataclasses
from typing import Any

import bpy

from ...common.errors import InputError
from ...common.motion import verdict
from ...common.motion.motion import Motion
from ...common.wire import messages
from .. import slots
from ..action import apply
from ..action.signature import signature_of
from ..client.job import Answer
from ..work.task import NewAction, Outcome, Task, clips_of
from . import apply_range, cycles, preview

SCORE = "isodim_score"


@dataclasses.dataclass(frozen=True, kw_only=True)
class OfAction(Task):
    """An edit of what the armature played when the request was sent: `played_now` then."""

    action_uid: int
    slot: str
    signature: str

    def changed(self, armature: bpy.types.Object | None) -> str:
        """Another Action, another slot of it, or another content holds the result back; another name does not."""
        assert armature is not None
        data = armature.animation_data
        action = None if data is None else data.action
        if action is None or action.session_uid != self.action_uid:
            return f"{armature.name} plays another Action than when the edit began."
        if _slot_name(armature) != self.slot:
            return f"{armature.name} plays another slot of {action.name} than when the edit began."
        if signature_of(action, self.slot) != self.signature:
            return f"{action.name} was changed while the edit was made."
        return ""


def played_now(armature: bpy.types.Object) -> dict[str, Any]:
    """The fields of `OfAction` as things stand; InputError if what the armature plays cannot be edited."""
    action, slot = preview.editable(armature), _slot_name(armature)
    return {"action_uid": action.session_uid, "slot": slot, "signature": signature_of(action, slot)}


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

    def deliver(self, answer: Answer, scene: bpy.types.Scene, armature: bpy.types.Object | None) -> Outcome:
        """As `apply_range` does it; the seams are those on the rig."""
        assert armature is not None
        motion = clips_of(answer)[0]
        where = self.start_frame, self.first, self.last
        done = apply_range.apply_range(armature, motion, scene, *where, self.options, self.follows)
        armature.update_tag(refresh={"TIME"})  # its seams were measured, and the pose of before came back
        sentence = f"Frames {done.first} to {done.last} on {armature.name}: keep or discard"
        if said := verdict.said(motion.meta):
            sentence = f"{sentence}. {said}"
        seams = tuple(_seam(f"Seam at {frame}", jump) for frame, jump in done.seams.items())
        seconds = (done.last + 1 - done.first) / apply.frame_rate(scene)
        return Outcome(
            sentence, seams + lines_of(motion), apply.Result(armature.name, seconds, done.slide_cm, done.few)
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class NewTake(OfAction):
    """A whole clip in the place of the armature's Action, as a preview."""

    frame: int
    options: apply.Options

    def deliver(self, answer: Answer, scene: bpy.types.Scene, armature: bpy.types.Object | None) -> Outcome:
        """A new Action, pending; the old one stays."""
        assert armature is not None
        motion, data = clips_of(answer)[0], armature.animation_data
        old, slot = data.action, slots.assigned_slot(data)
        was_kept = old is not None and old.use_fake_user
        result = apply.apply(motion, armature, scene, self.frame, self.title, self.options)
        entry = data.action.isodim
        entry.preview, entry.replaces, entry.replaced_was_kept = old is not None, old, was_kept
        entry.replaces_slot = "" if slot is None else slot.identifier
        return Outcome(result.sentence, lines_of(motion), result)


@dataclasses.dataclass(frozen=True, kw_only=True)
class NewLoop(NewAction):
    """One period as a new Action that repeats."""

    travel: bool

    def deliver(self, answer: Answer, scene: bpy.types.Scene, armature: bpy.types.Object | None) -> Outcome:
        """The period closed on the scene's frames, then the curves."""
        motion = cycles.closed(clips_of(answer)[0], scene)
        result = apply.apply(motion, armature, scene, self.frame, self.title, self.options)
        figure = armature or bpy.data.objects[result.armature]
        count = cycles.repeat(figure, self.travel)
        lines = (
            f"Repeats every {motion.frames - 1} frames: {count} curves",
            _seam("Seam", cycles.seam(figure, scene)),
        )
        return Outcome(result.sentence, lines, result)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Scores(Task):
    """Each take gets its score as a custom property; session_uids of the Actions in the request's order."""

    takes: tuple[int, ...]

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


def _seam(where: str, jump: tuple[float, float]) -> str:
    return f"{where}: {jump[0]:.2f}x a frame's step, speed {jump[1]:.2f}x"


def lines_of(motion: Motion) -> tuple[str, ...]:
    """What the edit says of itself, for the panel."""
    facts = cycles.facts_of(motion)
    lines = []
    if (errors := facts.get("key_errors_cm")) is not None:
        lines.append("Key poses: " + ", ".join(f"{error:.1f} cm" for error in errors))
    if (deviation := facts.get("deviation_cm")) is not None:
        lines.append(f"Path: {deviation:.1f} cm off at most")
    return tuple(lines)
