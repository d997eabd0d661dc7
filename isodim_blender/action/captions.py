"""What an Action is as an example for training: whom it animates, what it is called, what is said of it."""

from __future__ import annotations

import collections
import re

import bpy

from . import facts, keyframes

_BONE = re.compile(r'pose\.bones\["((?:[^"\\]|\\.)+)"\]')


def animates(action: bpy.types.Action, armature: bpy.types.Object) -> bool:
    """Whether a curve of the Action moves a bone that the armature has."""
    return any(_bone(path) in armature.data.bones for _, path in keyframes.curve_paths(action))


def slot_for(action: bpy.types.Action, armature: bpy.types.Object) -> bpy.types.ActionSlot | None:
    """The slot that the armature plays of the Action; if it plays none, the one with the most curves on its bones.

    Its namesake goes before others. None before Blender 4.4.
    """
    data = armature.animation_data
    if data is not None and data.action == action and keyframes.assigned_slot(data) is not None:
        return keyframes.assigned_slot(data)
    votes: collections.Counter[str] = collections.Counter()
    slots = {}
    for slot, path in keyframes.curve_paths(action):
        if slot is not None and _bone(path) in armature.data.bones:
            slots[slot.identifier] = slot
            votes[slot.identifier] += 1
    own = f"OB{armature.name}"
    chosen = own if own in slots else max(votes, key=lambda name: votes[name], default=None)
    return slots.get(chosen)


def captions_of(action: bpy.types.Action) -> list[str]:
    """The Action's captions, one a line; of a generated Action without any, its prompt."""
    lines = [line for caption in action.isodim.captions for line in caption.text.splitlines()]
    if not any(line.strip() for line in lines):
        lines = str(action.get(f"{facts.PREFIX}prompt", "")).splitlines()
    return [" ".join(line.split()) for line in lines if line.strip()]


def _bone(data_path: str) -> str:
    """The bone of a data path; empty if it is none's."""
    match = _BONE.match(data_path)
    return bpy.utils.unescape_identifier(match[1]) if match else ""
