"""Which bones of an armature are which part of the body: what is stored or matched, with a person's corrections on top."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import bpy
import numpy as np

from ...common.errors import InputError
from ...common.rigs import animals
from ...common.rigs.bone_map import REQUIRED, BoneMap, title
from ...common.rigs.matching import match
from ...common.rigs.rig import Rig
from .. import EXTENSION
from . import armature as rigs
from . import controls, corrections, vrm
from .place import place_of

_FOLDER = "rigs"
_KEPT = 8
_UP = np.array((0.0, 0.0, 1.0))


@dataclasses.dataclass(frozen=True)
class Mapping:
    """A rig's bone map and where it comes from.

    preset: the naming scheme's title, empty where hierarchy and heights decided. score: 0 to 1. notes: what the matcher has
    to say. changes: what a person corrected. controls: title of the control rig that takes the keys, empty if the mapped
    bones take them themselves.
    """

    rig: Rig
    bone_map: BoneMap
    preset: str
    score: float
    notes: tuple[str, ...]
    changes: corrections.Changes
    controls: str
    feet: int = 2

    @property
    def missing(self) -> tuple[str, ...]:
        """Parts without a bone of which a clip needs one."""
        return tuple(slot for slot in self.bone_map.missing if slot in REQUIRED)

    def check(self) -> BoneMap:
        """The bone map if a clip can be put on the rig; otherwise InputError: which part, why, what to do."""
        if self.feet > 2 and (self.missing or not self.changes):  # who chose bones by hand means those
            raise InputError(
                "Rig", f"a body on {self.feet} feet", "a person: clips are made for people, who stand on two"
            )
        if not self.missing:
            return self.bone_map.check(self.rig)
        parts = [title(slot) for slot in self.missing]
        said = [note.rstrip(".") for note in self.notes if any(part in note for part in parts)]
        why = said[0] if said else "no bone's name and no bone's place fit"
        raise InputError(
            f"Bone map, {_limbs(self.missing)}",
            "no bone",
            f"{', '.join(parts)} ({why}); choose them under Bones in the sidebar, or give the rig these bones",
        )

    def to_json(self) -> str:
        """For `scene.isodim.bone_map` and scripts."""
        report = self.bone_map.to_json() | {
            "preset": self.preset,
            "score": round(self.score, 3),
            "missing": list(self.bone_map.missing),
            "notes": list(self.notes),
            "controls": self.controls,
            "corrected": sorted(self.changes),
        }
        return json.dumps(report, ensure_ascii=False)


def _limbs(slots: tuple[str, ...]) -> str:
    """The limbs that parts belong to: left arm, right leg; the pelvis by itself."""
    limbs = [
        f"{side} {'arm' if part in ('shoulder', 'elbow') else 'leg'}" if side else part
        for side, _, part in (slot.rpartition("_") for slot in slots)
    ]
    return ", ".join(dict.fromkeys(limbs))


_store = corrections.Store(Path())
_kept: dict[object, Mapping] = {}
"""The maps of the last few rigs that were looked at, by what Blender tells cheaply of their bones."""


def load_corrections() -> list[str]:
    """Reads what was corrected in earlier sessions; gives a sentence for each damaged file."""
    _store.folder = Path(bpy.utils.extension_path_user(EXTENSION, path=_FOLDER))
    forget()
    return _store.load()


def forget() -> None:
    """Every rig is looked at anew."""
    _kept.clear()


def of(armature: bpy.types.Object) -> Mapping:
    """The armature's map, worked out once and again when its bones change; no files are read."""
    key = armature.session_uid, _key(armature.data)
    if key not in _kept:
        while len(_kept) >= _KEPT:
            _kept.pop(next(iter(_kept)))
        _kept[key] = _worked_out(armature)
    return _kept[key]


def correct(armature: bpy.types.Object, part: str, bones: tuple[str, ...] | None) -> None:
    """`bones` are the armature's `part`, none if empty; None takes the correction back.

    InputError if a bone is not there or the corrections cannot be written.
    """
    rig = rigs.rest_pose(armature).rig
    for bone in bones or ():
        if bone not in rig.index:
            raise InputError(f"Bone of {armature.name}", bone, "a bone of this armature")
    key = corrections.signature(rig)
    changes = {}
    for other, chosen in _store.of(key).items():
        left = tuple(bone for bone in chosen if bone not in (bones or ()))
        if other != part and (left or not chosen):  # a part that lost its last bone is the matcher's again
            changes[other] = left
    _put(key, changes if bones is None else changes | {part: bones})


def correct_nothing(armature: bpy.types.Object) -> None:
    """Takes all corrections of the armature's rig back; InputError if they cannot be written."""
    _put(corrections.signature(rigs.rest_pose(armature).rig), {})


def chain(armature: bpy.types.Object, first: str, last: str) -> tuple[str, ...]:
    """The bones from `first` out to `last`; InputError if there is no way."""
    bones = armature.data.bones
    for name in (first, last):
        if name not in bones:
            raise InputError(f"Bone of {armature.name}", name, "a bone of this armature")
    found = [last, *(bone.name for bone in bones[last].parent_recursive)]
    if first not in found:
        raise InputError(f"Last bone of {armature.name}", last, f"{first} or a bone below it")
    return tuple(reversed(found[: found.index(first) + 1]))


def _put(key: str, changes: corrections.Changes) -> None:
    try:
        _store.put(key, changes)
    except OSError as error:
        raise InputError("Folder for corrected bones", str(_store.folder), f"a folder to write in ({error})") from error
    forget()


def _worked_out(armature: bpy.types.Object) -> Mapping:
    rig = rigs.rest_pose(armature).rig
    changes = _store.of(corrections.signature(rig))
    version, stored = vrm.stored_map(armature.data)
    taken = {bone for bones in changes.values() for bone in bones}
    stored = {slot: tuple(bone for bone in bones if bone not in taken) for slot, bones in stored.items()}
    told = {slot: bones for slot, bones in stored.items() if bones} | changes
    root = told.pop(corrections.ROOT, None)
    found = match(rigs.limbs_reach(armature, rig), told)
    bone_map = found.bone_map if root is None else dataclasses.replace(found.bone_map, root=next(iter(root), None))
    preset = f"{version}, its stored map" if version else found.preset
    rig_controls = controls.find(armature, bone_map)
    named, notes = ("", ()) if rig_controls is None else (rig_controls.title, rig_controls.notes)
    lacking = any(slot in REQUIRED for slot in bone_map.missing)
    place = place_of(np.array(armature.matrix_world, np.float64))
    up = _UP if place is None else place.up
    counted = lacking or any(animals.has_hind_legs(rig, side) for side in (_UP, up))
    feet = max(animals.feet_on_ground(rig, side) for side in (_UP, up)) if counted else 2
    said = (f"It stands on {feet} feet: clips are made for people.",) if feet > 2 else found.notes
    return Mapping(rig, bone_map, preset, found.score, (*said, *notes), changes, named, feet)


def _key(data: bpy.types.Armature) -> object:
    """Another one after every change of the bones' names, order and rest; 700 bones take less than a millisecond."""
    places = np.empty(16 * len(data.bones), np.float32)
    data.bones.foreach_get("matrix_local", places)
    return data.session_uid, tuple(data.bones.keys()), places.tobytes()
