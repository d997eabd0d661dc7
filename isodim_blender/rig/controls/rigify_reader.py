"""Finds the controls of a rig that Rigify generated; the names stand in rigify.json, how they hang together in the rig."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ....common.rigs.bone_map import SIDES, BoneMap
from .rigify import Limb, Rigify, Trunk

if TYPE_CHECKING:
    import bpy

_DATA = Path(__file__).with_name("rigify.json")


@functools.cache
def _names() -> dict[str, Any]:
    return dict(json.loads(_DATA.read_text(encoding="utf-8")))


def find(armature: bpy.types.Object, bone_map: BoneMap) -> Rigify | None:
    """The rig's controls; None if Rigify did not generate it or the map names no bones that follow them."""
    names = _names()
    bones = armature.pose.bones
    pelvis = bone_map.bone("pelvis")
    if names["mark"] not in armature.data or names["torso"] not in bones or pelvis is None:
        return None
    if not pelvis.startswith(tuple(names["prefixes"])):
        return None
    reader = _Reader(armature, bone_map)
    trunk = reader.trunk()
    reader.add_pivots(trunk)
    limbs = tuple(limb for side in SIDES for kind in names["limbs"] if (limb := reader.limb(side, kind)) is not None)
    return Rigify(
        title=names["title"],
        bone_map=bone_map,
        originals={bone: reader.original(bone) for chain in bone_map.slots.values() for bone in chain},
        carried=reader.carried,
        leaning=reader.leaning,
        shared=reader.shared(trunk),
        trunk=trunk,
        collars=reader.collars(),
        limbs=limbs,
        switches=reader.switches,
    )


class _Reader:
    def __init__(self, armature: bpy.types.Object, bone_map: BoneMap) -> None:
        self._bones, self._map = armature.pose.bones, bone_map
        self.carried: dict[str, str] = {}
        self.leaning: dict[str, tuple[str, float]] = {}
        self.switches: dict[str, float] = {}
        for entry in _names()["carried"]:
            owner, switch = entry["switch"]
            self._add_carried(entry["bone"], owner, switch, self.switches)
        for entry in _names()["leaning"]:
            owner, switch = entry["switch"]
            self._add_leaning(entry["bone"], owner, switch, self.switches, entry.get("inverted", False))

    def bare(self, bone: str) -> str:
        """A bone's name without Rigify's prefix."""
        return next((bone.removeprefix(p) for p in _names()["prefixes"] if bone.startswith(p)), bone)

    def original(self, bone: str) -> str:
        found = _names()["prefixes"][0] + self.bare(bone)
        return found if found in self._bones else bone

    def trunk(self) -> Trunk:
        names = _names()["trunk"]
        chain = [bone for slot in ("pelvis", "spine") for bone in self._map.slots.get(slot, ())]
        tweaked = [*chain, *self._map.slots.get("neck", ())]
        masters = {slot: name if name in self._bones else None for slot, name in names.items()}
        return Trunk(
            torso=_names()["torso"],
            hips=masters["pelvis"],
            chest=masters["spine"],
            fk=self._existing(chain, "@_fk"),
            tweaks=self._existing(tweaked, "tweak_@"),
            neck=masters["neck"],
            head=masters["head"],
        )

    def collars(self) -> dict[str, str]:
        """Mapped collar -> its control."""
        bones = [bone for side in SIDES if (bone := self._map.bone(f"{side}_collar")) is not None]
        return self._existing(bones, "@")

    def limb(self, side: str, kind: dict[str, Any]) -> Limb | None:
        """None if the map lacks one of the three bones, or the rig their controls."""
        bones = [bone for part in kind["slots"] if (bone := self._map.bone(f"{side}_{part}")) is not None]
        settings, pole = (
            (_derived(self.bare(bones[0]), kind[key]) for key in ("settings", "target")) if bones else ("", "")
        )
        fk = [self._control(bone, pattern) for bone, pattern in zip(bones, kind["fk"], strict=False)]
        ik = [self._control(bone, pattern) for bone, pattern in zip(bones[2:], kind["ik"], strict=False)]
        if len(bones) < 3 or None in fk or None in ik or settings not in self._bones or pole not in self._bones:
            return None
        common: dict[str, float] = {}
        apart: dict[str, dict[str, float]] = {"FK": {}, "IK": {}}
        for switch, pattern in _names()["limb_leaning"].items():
            self._add_leaning(_derived(self.bare(bones[0]), pattern), settings, switch, apart["FK"])
        for place, switch, pattern in _names()["limb_carried"]:
            self._add_carried(_derived(self.bare(bones[place]), pattern), settings, switch, apart["IK"])
        for kind_name, values in _names()["limb_switches"].items():
            apart[kind_name] |= {
                _path(settings, key): value for key, value in values.items() if key in self._bones[settings]
            }
        # The solver stretches and shortens even what is within reach: knees end up 3 cm off.
        for bone, pattern in zip(bones, _names()["limb_stiff"], strict=False):
            if (name := _derived(self.bare(bone), pattern)) in self._bones:
                apart["IK"][f'pose.bones["{name}"].ik_stretch'] = 0.0
        still = [_derived(self.bare(bones[2]), pattern) for pattern in kind["still"]]
        return Limb(
            bones=tuple(bones),
            fk=tuple(str(name) for name in fk),
            ik=tuple(str(name) for name in ik),
            still=tuple(name for name in still if name in self._bones),
            pole=pole,
            switches={name: common | values for name, values in apart.items()},
        )

    def shared(self, trunk: Trunk) -> dict[str, tuple[str, float]]:
        """Helpers that take part of the channels of a control of the trunk."""
        masters = {trunk.hips, trunk.chest, trunk.head} - {None}
        return {
            bone.name: (constraint.subtarget, constraint.influence)
            for bone in self._bones
            for constraint in bone.constraints
            if constraint.type in {"COPY_TRANSFORMS", "COPY_ROTATION"}
            and constraint.owner_space == constraint.target_space == "LOCAL"
            and constraint.subtarget in masters
        }

    def add_pivots(self, trunk: Trunk) -> None:
        """Helpers above tweaks that stand part of the way between two controls of the spine."""
        controls = set(trunk.fk.values())
        for tweak in trunk.tweaks.values():
            above = self._bones[tweak].parent
            for constraint in above.constraints if above is not None else ():
                if constraint.type == "COPY_TRANSFORMS" and constraint.subtarget in controls:
                    self.leaning[above.name] = (constraint.subtarget, constraint.influence)

    def _existing(self, bones: list[str], pattern: str) -> dict[str, str]:
        derived = {bone: _derived(self.bare(bone), pattern) for bone in bones}
        return {bone: control for bone, control in derived.items() if control in self._bones}

    def _control(self, bone: str, pattern: str) -> str | None:
        """The control of a mapped bone; older versions of Rigify have one of its bare name for the toes."""
        bare = self.bare(bone)
        return next((name for name in (_derived(bare, pattern), bare) if name in self._bones), None)

    def _add_carried(self, bone: str, owner: str, switch: str, switches: dict[str, float]) -> None:
        """A helper under an Armature constraint moves with the target that the switch chooses, counted from 1."""
        if bone not in self._bones:
            return
        constraint = next((item for item in self._bones[bone].constraints if item.type == "ARMATURE"), None)
        if constraint is None:
            return
        chosen = int(self._bones[owner].get(switch, 1)) if owner in self._bones else 1
        if switch in self._bones[owner]:
            switches[_path(owner, switch)] = float(chosen)
        if 1 <= chosen <= len(constraint.targets):
            self.carried[bone] = constraint.targets[chosen - 1].subtarget

    def _add_leaning(
        self, bone: str, owner: str, switch: str, switches: dict[str, float], inverted: bool = False
    ) -> None:
        """A helper under a Copy Rotation takes as much of its target's rotation as the switch says."""
        if bone not in self._bones or switch not in self._bones[owner]:
            return
        constraint = next((item for item in self._bones[bone].constraints if item.type == "COPY_ROTATION"), None)
        if constraint is not None:
            value = float(self._bones[owner][switch])
            # Part of the way is ambiguous once the body turns over; only the neck stays near enough.
            value = value if inverted else round(value)
            switches[_path(owner, switch)] = value
            self.leaning[bone] = (constraint.subtarget, 1.0 - value if inverted else value)


def _derived(bare: str, pattern: str) -> str:
    """`@_fk` of upper_arm.L is upper_arm_fk.L: the pattern goes around the stem, side and number stay at the end."""
    stem, dot, rest = bare.partition(".")
    return pattern.replace("@", stem) + dot + rest


def _path(bone: str, key: str) -> str:
    return f'pose.bones["{bone}"]["{key}"]'
