"""Several takes of one prompt, side by side until one of them is kept.

What belongs together is told by custom properties, so that saving, loading, undo and redo need no help: `isodim_takes` on the
figure and on each take's Action, `isodim_copy` on what was put beside the figure.
"""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Sequence

import bpy
from mathutils import Vector

from ...common.errors import InputError
from .. import slots
from ..action import apply, facts
from ..client.job import Answer
from ..export import exporters
from ..rig import target
from ..steps import Steps
from ..work.task import NewAction, Outcome, clips_of
from .tasks import SCORE

TAKES, COPY = f"{facts.PREFIX}takes", f"{facts.PREFIX}copy"
NLA, COPIES = "NLA", "COPIES"
_ROOM = 1.2
"""From one copy to the next, in widths of the figure with its arms spread, which is about its height."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class NewTakes(NewAction):
    """Each clip becomes an Action; `layout` says where it is seen. Takes that are compared already give their place to them."""

    layout: str

    def deliver(self, answer: Answer, scene: bpy.types.Scene, armature: bpy.types.Object | None) -> Steps[Outcome]:
        """The first take is the one that the figure plays."""
        takes, token = [], secrets.token_hex(6)
        before = _before(armature)
        for motion in clips_of(answer):
            result = yield from apply.applying(motion, armature, scene, self.frame, self.title, self.options)
            armature = armature or bpy.data.objects[result.armature]
            takes.append(armature.animation_data.action)
            takes[-1].use_fake_user = True
            takes[-1][TAKES] = token
        assert armature is not None
        if TAKES in armature:
            _clear(armature, armature[TAKES], takes)
        armature[TAKES] = token
        entry = armature.isodim
        entry.before_takes, entry.before_takes_slot, entry.before_takes_kept = before
        if self.layout == NLA:
            for action in takes:
                _track(armature, action)
        else:
            for number, action in enumerate(takes[1:], 1):
                _copy(armature, action, number, token)
        show(armature, takes[0])
        return Outcome(f"{len(takes)} takes of {result.sentence}", result=result)


def figure_of(active: bpy.types.Object | None) -> bpy.types.Object | None:
    """The figure whose takes are compared, from itself or from one of its copies; None if there are none."""
    token = None if active is None else active.get(TAKES)
    if token is None:
        return None
    found = [item for item in bpy.data.objects if item.get(TAKES) == token and COPY not in item]
    return next((item for item in found if item.type == "ARMATURE"), None)


def takes_of(figure: bpy.types.Object) -> list[bpy.types.Action]:
    """The takes that are compared; once they are ranked the best is first."""
    found = [action for action in bpy.data.actions if action.get(TAKES) == figure.get(TAKES)]
    found.sort(key=lambda action: int(action.get(f"{facts.PREFIX}seed", 0)))
    if all(SCORE in action for action in found):
        found.sort(key=lambda action: -float(action[SCORE]))
    return found


def show(figure: bpy.types.Object, take: bpy.types.Action) -> None:
    """The figure plays that take; its track is the one that is not muted."""
    slots.assign(figure.animation_data, take, slots.slot_for(take, figure))
    for track in figure.animation_data.nla_tracks:
        actions = [strip.action for strip in track.strips]
        if any(action is not None and action.get(TAKES) == figure[TAKES] for action in actions):
            track.mute = take not in actions


def keep(figure: bpy.types.Object, take: bpy.types.Action) -> None:
    """The figure plays that take; all others, their tracks and the copies go away. InputError if nothing can be written."""
    target.check_writable(figure)
    token = figure[TAKES]
    if take.get(TAKES) != token:
        raise InputError("Take", take.name, f"one of those of {figure.name}")
    show(figure, take)
    _clear(figure, token, [take])
    del figure[TAKES], take[TAKES]
    _forget_before(figure)


def discard(figure: bpy.types.Object) -> None:
    """All takes go away, and the figure plays what it played before. InputError if nothing can be written."""
    target.check_writable(figure)
    entry, data = figure.isodim, figure.animation_data
    old = entry.before_takes
    slots.assign(data, old, None if old is None else slots.slot_called(old, entry.before_takes_slot))
    if old is not None:
        old.use_fake_user = entry.before_takes_kept
    _clear(figure, figure[TAKES], [])
    del figure[TAKES]
    _forget_before(figure)


def _before(figure: bpy.types.Object | None) -> tuple[bpy.types.Action | None, str, bool]:
    """The Action to go back to, its slot, and whether it has a fake user: of takes that are compared already, theirs."""
    if figure is None:
        return None, "", False
    if TAKES in figure:
        entry = figure.isodim
        return entry.before_takes, entry.before_takes_slot, entry.before_takes_kept
    data = figure.animation_data
    if data is None or data.action is None:
        return None, "", False
    slot = slots.assigned_slot(data)
    return data.action, "" if slot is None else slot.identifier, data.action.use_fake_user


def _forget_before(figure: bpy.types.Object) -> None:
    entry = figure.isodim
    entry.before_takes, entry.before_takes_slot, entry.before_takes_kept = None, "", False


def _clear(figure: bpy.types.Object, token: str, stay: Sequence[bpy.types.Action]) -> None:
    """Removes the takes of a token but those that `stay`, their tracks and the copies."""
    tracks = figure.animation_data.nla_tracks
    for track in list(tracks):
        ours = [strip for strip in track.strips if strip.action is not None and strip.action.get(TAKES) == token]
        for strip in ours:
            track.strips.remove(strip)
        if ours and len(track.strips) == 0:
            tracks.remove(track)
    for item in [item for item in bpy.data.objects if item.get(COPY) == token]:
        bpy.data.objects.remove(item)
    for action in [action for action in bpy.data.actions if action.get(TAKES) == token and action not in stay]:
        bpy.data.actions.remove(action)


def _track(figure: bpy.types.Object, action: bpy.types.Action) -> None:
    track = figure.animation_data.nla_tracks.new()
    track.name = f"Take, seed {action.get(f'{facts.PREFIX}seed', 0)}"
    strip = track.strips.new(action.name, round(action.frame_range[0]), action)
    slots.assign_to_strip(strip, slots.slot_for(action, figure))
    strip.influence = 1.0  # a new strip reads 0


def _copy(figure: bpy.types.Object, action: bpy.types.Action, number: int, token: str) -> None:
    """A copy of the figure and of its meshes, `number` places along the world's X.

    Constraints and drivers that read the figure itself read the copy then: Blender sees to that, modifiers are ours.
    """
    twins = {item: _twin(item, token) for item in (figure, *exporters.meshes_of(figure))}
    twin = twins[figure]
    for track in list(twin.animation_data.nla_tracks):  # the copy shows its own take only
        twin.animation_data.nla_tracks.remove(track)
    slots.assign(twin.animation_data, action, slots.slot_for(action, figure))
    for item, other in twins.items():
        if item.parent in twins:
            other.parent = twins[item.parent]
            other.matrix_parent_inverse = item.matrix_parent_inverse
        for modifier in other.modifiers:
            if getattr(modifier, "object", None) in twins:
                modifier.object = twins[modifier.object]
    step = Vector((_ROOM * _height(figure) * number, 0.0, 0.0))
    for item, other in twins.items():
        if item.parent not in twins:  # in the parent's space; `delta` stays where the location is keyed
            other.delta_location += step if item.parent is None else _turned_back(item.parent, step)


def _twin(item: bpy.types.Object, token: str) -> bpy.types.Object:
    twin = item.copy()
    twin[COPY], twin[TAKES] = token, token
    for collection in item.users_collection:
        collection.objects.link(twin)
    twin.select_set(False)
    return twin


def _height(figure: bpy.types.Object) -> float:
    """Of the rest pose in the world's metres."""
    heads = [figure.matrix_world @ point for bone in figure.data.bones for point in (bone.head_local, bone.tail_local)]
    return max(head.z for head in heads) - min(head.z for head in heads)


def _turned_back(parent: bpy.types.Object, step: Vector) -> Vector:
    return parent.matrix_world.to_3x3().inverted_safe() @ step
