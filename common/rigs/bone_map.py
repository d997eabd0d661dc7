"""Which bones of a rig are which part of the body.

A slot is a part that moves as one; its bones are a chain from the body outwards. Slots bear the canonical joints' names
(`left_elbow` is the forearm: the bone that begins at the elbow), except `spine`, the whole chain between pelvis and
neck that the canonical spine1 to spine3 are shared out on, and `neck`, which may be a chain too. Of a limb's slot the first
bone is the limb; others are its later segments (Rigify's DEF-thigh.L.001, Daz's lThighTwist).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ..errors import InputError
from .rig import Rig

_SIDED = ("collar", "shoulder", "elbow", "wrist", "hip", "knee", "ankle", "foot")
SIDES = ("left", "right")
SLOTS = ("pelvis", "spine", "neck", "head", *(f"{side}_{part}" for side in SIDES for part in _SIDED))
"""All slots, in the order in which a person reads a body."""
REQUIRED = ("pelvis", *(f"{side}_{part}" for side in SIDES for part in ("shoulder", "elbow", "hip", "knee", "ankle")))
"""Slots without which no clip can be put on a rig."""
TITLES = {
    "collar": "clavicle", "shoulder": "upper arm", "elbow": "forearm", "wrist": "hand", "hip": "thigh", "knee": "shin",
    "ankle": "foot", "foot": "toes",
}  # fmt: skip
"""What animators call the bone that begins at a joint."""


@dataclasses.dataclass(frozen=True)
class BoneMap:
    """slots: slot -> its bones from the body outwards; a slot that the rig lacks is absent.

    twists: slot -> bones beside the limb that take a share of its twist (Unreal's upperarm_twist_01_l).
    root: the bone above the pelvis that stands on the ground and can carry the travel; None if there is none.
    """

    slots: Mapping[str, tuple[str, ...]]
    twists: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    root: str | None = None

    def bone(self, slot: str) -> str | None:
        """The slot's first bone; None if the rig lacks it."""
        bones = self.slots.get(slot)
        return bones[0] if bones else None

    @property
    def missing(self) -> tuple[str, ...]:
        """Slots without a bone."""
        return tuple(slot for slot in SLOTS if not self.slots.get(slot))

    def check(self, rig: Rig) -> BoneMap:
        """The same map if a clip can be put on `rig` through it; otherwise InputError naming the part of the body."""
        for slot in REQUIRED:
            if not self.slots.get(slot):
                raise InputError(f"Bone map, {title(slot)}", "no bone", "a bone: choose one under Bones in the sidebar")
        seen: dict[str, str] = {}
        for slot, bones in self.slots.items():
            for bone in bones:
                if bone not in rig.index:
                    raise InputError(f"Bone map, {title(slot)}", bone, "a bone of this armature")
                if bone in seen:
                    raise InputError(
                        f"Bone map, {title(slot)}", bone, f"a bone that is not the {title(seen[bone])} already"
                    )
                seen[bone] = slot
        return self

    def to_json(self) -> dict[str, Any]:
        """Lists and strings only."""
        return {
            "slots": {slot: list(self.slots[slot]) for slot in SLOTS if self.slots.get(slot)},
            "twists": {slot: list(bones) for slot, bones in self.twists.items()},
            "root": self.root,
        }


def title(slot: str) -> str:
    """A slot in an animator's words: `left_elbow` is the left forearm."""
    side, _, part = slot.rpartition("_")
    return f"{side} {TITLES[part]}" if side else slot
