"""Bones that copy other bones (ORG- and DEF- bones, CloudRig): the bones that they copy take the keys.

A mapped bone is followed through Copy Transforms, Copy Rotation and Armature constraints to a bone that keys move. Where a bone has
several, as for IK and FK, the first way that ends so is switched on, and what comes after it in the stack is switched off.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ....common.rigs.bone_map import BoneMap
from ..kinematics import Kinematics
from ..rest import ArmaturePose, Channels, RestPose
from . import body
from .build_up import BuildUp
from .influence import switch_of

if TYPE_CHECKING:
    import bpy

Array = NDArray[np.float64]

OVERRULING = {
    "ARMATURE", "CHILD_OF", "COPY_ROTATION", "COPY_TRANSFORMS", "DAMPED_TRACK", "IK", "LOCKED_TRACK", "SPLINE_IK",
    "STRETCH_TO", "TRACK_TO", "TRANSFORM", "PIVOT", "ACTION", "TRANSFORM_CACHE", "GEOMETRY_ATTRIBUTE",
}  # fmt: skip
"""Constraints that turn a bone elsewhere than its keys do."""
_IN_POSE = {"WORLD", "POSE"}
_DEEP = 8
_APART = 1e-4
"""Of the body's size: a control nearer to its place needs no location keys."""
SAME, TURN, WORN, LOCAL, LOCAL_TURN = "SAME", "TURN", "WORN", "LOCAL", "LOCAL_TURN"
_LOCALLY = (LOCAL, LOCAL_TURN)


@dataclasses.dataclass(frozen=True)
class Hop:
    """How a bone follows `target`: SAME takes its matrix, TURN its rotation, LOCAL and LOCAL_TURN its channels and their turn.

    WORN moves as one piece with it (an Armature constraint on a bone without parent).
    """

    target: str
    how: str


@dataclasses.dataclass(frozen=True)
class CopyChain:
    """From a bone to the control that moves it. switches: data path -> value that has it followed."""

    hops: tuple[Hop, ...]
    switches: dict[str, float]

    @property
    def control(self) -> str:
        """The bone that takes the keys."""
        return self.hops[-1].target

    @property
    def carries(self) -> bool:
        """Whether the bone is brought to a place too, not only turned."""
        return self.hops[0].how not in (TURN, LOCAL_TURN)


@dataclasses.dataclass(frozen=True)
class Copies:
    """The controls that mapped bones copy.

    chains: mapped bone -> the chain to its control. helpers: bones between controls that copy too -> how. free: data path -> value for
    constraints of bones that take keys themselves.
    """

    bone_map: BoneMap
    chains: dict[str, CopyChain]
    helpers: dict[str, Hop]
    free: dict[str, float]
    notes: tuple[str, ...]
    title: str = "control bones"

    def body(self, rest: RestPose) -> RestPose:
        """`rest` with each mapped bone under the mapped bone that carries it."""
        return body.joined(rest, self.bone_map)

    def channels(self, rest: RestPose, pose: ArmaturePose, kind: str) -> Channels:
        """The controls' channels, those of mapped bones that copy nothing, and the switches; `kind` is FK's in both cases."""
        found = Kinematics(self.body(rest), pose)
        names, index = rest.rig.names, rest.rig.index
        build = BuildUp(rest, pose.frames)
        moved = [bone for bone in pose.rotations if names[bone] not in self.chains]
        loose = set(body.loose(rest, self.bone_map))
        for bone in pose.rotations:
            build.name(names[bone], found.rotation(bone), found.head(bone))
        for bone, chain in self.chains.items():
            self._arrive(build, bone, chain, found.rotation(index[bone]), found.head(index[bone]))
        build.forget()
        for bone in moved:  # their heads were only named for what copies them
            if bone not in pose.heads and bone not in loose:
                build.unplace(names[bone])
        for bone in sorted({*moved, *(index[chain.control] for chain in self.chains.values())}):
            self._place_above(build, bone)
            build.forget()
            location = bone in pose.heads or bone in loose or self._apart(build, rest, names[bone])
            build.key(names[bone], location=location and not rest.connected[bone])
        for bone, chain in self.chains.items():
            wanted = index[bone] in pose.heads or index[bone] in loose
            if chain.hops[-1].how in _LOCALLY:
                copied = (bone, *(hop.target for hop in chain.hops))[-2]
                location = wanted and chain.hops[-1].how == LOCAL
                build.key_as(chain.control, copied, location)
            if wanted and not chain.carries and not rest.connected[index[bone]]:
                build.key(bone, rotation=False, location=True)
        switches = {path: value for chain in self.chains.values() for path, value in chain.switches.items()}
        return build.channels(self.free | switches)

    def _arrive(self, build: BuildUp, bone: str, chain: CopyChain, rotation: Array, head: Array) -> None:
        """Names what every bone of the chain has to be."""
        build.name(bone, rotation, head)
        before = bone
        for hop in chain.hops:
            if hop.how == WORN:
                build.attach(hop.target, before)
            elif hop.how == SAME:
                build.name(hop.target, build.rotation(before), build.head(before))
            elif hop.how == TURN:
                build.name(hop.target, build.rotation(before))
            before = hop.target

    def _place_above(self, build: BuildUp, bone: int) -> None:
        """Helpers above a control, the highest first, are where what they copy is."""
        rig = build.rest.rig
        for above in reversed(rig.ancestors(bone)):
            hop = self.helpers.get(rig.names[above])
            if hop is None:
                continue
            if hop.how == WORN:
                build.attach(rig.names[above], hop.target)
            elif hop.how == SAME:
                build.name(rig.names[above], build.rotation(hop.target), build.head(hop.target))
            elif hop.how == TURN:
                build.name(rig.names[above], build.rotation(hop.target))

    def _apart(self, build: BuildUp, rest: RestPose, control: str) -> bool:
        """Whether a control's place is named and its parents do not bring it there."""
        if not build.placed(control):
            return False
        size = float(np.linalg.norm(np.ptp(rest.rig.heads, axis=0)))
        return bool(np.linalg.norm(build.head(control) - build.anchor(control), axis=-1).max() > _APART * size)


def find(armature: bpy.types.Object, bone_map: BoneMap) -> Copies | None:
    """The controls of a rig whose mapped bones copy others; None if none of them can be followed to one."""
    mapped = [bone for bones in bone_map.slots.values() for bone in bones]
    chains: dict[str, CopyChain] = {}
    free: dict[str, float] = {}
    taken: dict[str, str] = {}
    notes = []
    for bone in mapped:
        chain = _chain(armature, bone, set(mapped))
        if chain is None or not chain.hops:
            free |= {} if chain is None else chain.switches
        elif chain.control in taken:
            notes.append(f"{bone} and {taken[chain.control]} both copy {chain.control}, which can follow only one.")
        else:
            chains[bone], taken[chain.control] = chain, bone
    if not chains:
        return None
    helpers = {
        above.name: hop
        for control in (*taken, *mapped)
        for above in armature.pose.bones[control].parent_recursive
        if above.name not in taken and above.name not in chains and (hop := _first_hop(armature, above)) is not None
    }
    return Copies(bone_map, chains, helpers, free, tuple(notes))


def _acting(bone: bpy.types.PoseBone) -> list[bpy.types.Constraint]:
    """Constraints that turn the bone, in their order."""
    return [
        item
        for item in bone.constraints
        if item.type in OVERRULING and not item.mute and item.enabled and item.influence > 0
    ]


def _chain(armature: bpy.types.Object, name: str, mapped: set[str], depth: int = 0) -> CopyChain | None:
    """The chain from a bone to its control, without hops if it is one; None if there is none."""
    bone = armature.pose.bones[name]
    every = [item for item in bone.constraints if item.type in OVERRULING and not item.mute]
    acting = [
        item for item in every if item in _acting(bone) or switch_of(armature, item) is None or _driven(armature, item)
    ]
    if not acting:
        return CopyChain((), {})
    if depth == _DEEP:
        return None
    if all(item.type == "IK" for item in acting):
        off = _switches(armature, acting, None)
        return None if off is None else CopyChain((), off)
    for place, constraint in enumerate(acting):
        for hop in _hops(armature, bone, constraint):
            further = None if hop.target in mapped else _chain(armature, hop.target, mapped, depth + 1)
            switches = _switches(armature, acting[place + 1 :], constraint) if further is not None else None
            if hop.how in _LOCALLY and further is not None and further.hops:
                continue
            if switches is not None and further is not None and not _clash(switches, further.switches):
                return CopyChain((hop, *further.hops), switches | further.switches)
    return None


def _hops(armature: bpy.types.Object, bone: bpy.types.PoseBone, constraint: bpy.types.Constraint) -> Iterator[Hop]:
    """How a constraint has its bone follow another one of the same armature, if keys can bring that about exactly."""
    if constraint.type == "ARMATURE":
        targets = [item for item in constraint.targets if item.weight > 0.0]
        one = len(targets) == 1 and targets[0].target == armature and targets[0].subtarget in armature.pose.bones
        if one and bone.parent is None:  # what its parent does would come on top
            yield Hop(targets[0].subtarget, WORN)
        return
    if constraint.type not in ("COPY_TRANSFORMS", "COPY_ROTATION"):
        return
    if constraint.target != armature or constraint.subtarget not in armature.pose.bones:
        return
    spaces = constraint.owner_space, constraint.target_space
    local = spaces == ("LOCAL", "LOCAL")
    if not local and not set(spaces) <= _IN_POSE:
        return
    if constraint.mix_mode != "REPLACE":
        return
    if constraint.type == "COPY_TRANSFORMS":
        yield Hop(constraint.subtarget, LOCAL if local else SAME)
    elif all(getattr(constraint, f"use_{axis}") and not getattr(constraint, f"invert_{axis}") for axis in "xyz"):
        located = any(
            item.type == "COPY_LOCATION" and item.subtarget == constraint.subtarget and not item.mute
            for item in bone.constraints
        )
        yield Hop(constraint.subtarget, LOCAL_TURN if local else SAME if located else TURN)


def _first_hop(armature: bpy.types.Object, bone: bpy.types.PoseBone) -> Hop | None:
    """How a helper follows another bone as its constraints stand now: the last of them counts."""
    for constraint in reversed(_acting(bone)):
        hop = next(_hops(armature, bone, constraint), None)
        return hop if hop is not None and hop.how not in _LOCALLY else None
    return None


def _switches(
    armature: bpy.types.Object, off: list[bpy.types.Constraint], on: bpy.types.Constraint | None
) -> dict[str, float] | None:
    """Data path -> value with which `on` acts fully and `off` do not; None if they cannot be set so."""
    found: dict[str, float] = {}
    for constraint in ([] if on is None else [on]) + off:
        wanted = constraint is on
        if constraint.influence == float(wanted) and not _driven(armature, constraint):
            continue
        switch = switch_of(armature, constraint)
        if switch is None:
            return None
        path, value = switch.value(wanted)
        if found.setdefault(path, value) != value:
            return None
    return found


def _driven(armature: bpy.types.Object, constraint: bpy.types.Constraint) -> bool:
    data = armature.animation_data
    path = f"{constraint.path_from_id()}.influence"
    return data is not None and any(item.data_path == path for item in data.drivers)


def _clash(one: dict[str, float], other: dict[str, float]) -> bool:
    return any(other.get(path, value) != value for path, value in one.items())
