"""Limbs under plain IK constraints: in FK the constraints are switched off, in IK their targets and poles are keyed."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ....common.motion import quaternions
from ....common.rigs.bone_map import BoneMap
from ..kinematics import Kinematics, channels
from ..rest import ArmaturePose, Channels, RestPose
from . import body, poles
from .influence import Switch, switch_of

if TYPE_CHECKING:
    import bpy

Array = NDArray[np.float64]

_OVERRULING = {
    "ARMATURE", "CHILD_OF", "COPY_ROTATION", "COPY_TRANSFORMS", "DAMPED_TRACK", "LOCKED_TRACK", "SPLINE_IK",
    "STRETCH_TO", "TRACK_TO",
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Chain:
    """An IK constraint. owner: the bone that bears it; upper: the one above, None if the chain is the owner alone.

    target, pole: bones of the same armature; no target: another object's, which is not ours to key. by_tail: whether the
    owner's tail goes to the target, or its head. wearer: the mapped bone that the target turns with.
    """

    owner: str
    upper: str | None
    target: str | None
    pole: str | None
    by_tail: bool
    wearer: str
    switch: Switch


@dataclasses.dataclass(frozen=True)
class IkConstraints:
    """The IK constraints on mapped bones of a rig."""

    bone_map: BoneMap
    chains: tuple[Chain, ...]
    notes: tuple[str, ...]
    title: str = "IK constraints"

    def body(self, rest: RestPose) -> RestPose:
        """`rest` with each mapped bone under the mapped bone that carries it."""
        return body.joined(rest, self.bone_map)

    def channels(self, rest: RestPose, pose: ArmaturePose, kind: str) -> Channels:
        """All mapped bones' channels and the constraints' switches; in IK also the targets' and the poles' channels.

        The bones are keyed in IK too: the solver begins from them, and finds itself at the goal.
        """
        used = [chain for chain in self.chains if kind == "IK" and chain.target is not None]
        pose = body.placed(rest, self.bone_map, pose)
        found = Kinematics(rest, pose)
        rotations, heads = dict(pose.rotations), dict(pose.heads)
        for chain in used:
            self._arrive(chain, rest, found, rotations, heads)
        moved = channels(rest, ArmaturePose(rotations, heads))
        properties = dict(chain.switch.value(chain in used) for chain in self.chains)
        return dataclasses.replace(moved, properties=properties)

    def _arrive(
        self, chain: Chain, rest: RestPose, found: Kinematics, rotations: dict[int, Array], heads: dict[int, Array]
    ) -> None:
        index, rig = rest.rig.index, rest.rig
        owner, target = index[chain.owner], index[str(chain.target)]
        tip = rig.tails[owner] if chain.by_tail else rig.heads[owner]
        now = found.head(owner) + quaternions.rotate(found.turn(owner), tip - rig.heads[owner])
        heads[target] = now
        rotations[target] = quaternions.multiply(found.turn(index[chain.wearer]), rest.rotations[target])
        if chain.pole is not None and chain.upper is not None:
            upper, pole = index[chain.upper], index[chain.pole]
            at_rest = np.stack([rig.heads[upper], rig.heads[owner], tip])
            joints = (found.head(upper), found.head(owner), now)
            heads[pole] = poles.place(at_rest, rig.heads[pole], joints, found.turn(upper))


def find(armature: bpy.types.Object, bone_map: BoneMap) -> IkConstraints | None:
    """The IK constraints on mapped bones; None if nothing stands between the mapped bones and their keys."""
    mapped = {bone for bones in bone_map.slots.values() for bone in bones}
    below = {above: bone for bone, above in body.parents(bone_map).items()}
    chains, notes = [], []
    for bone in (armature.pose.bones[name] for bones in bone_map.slots.values() for name in bones):
        for constraint in bone.constraints:
            if constraint.mute:
                continue
            if constraint.type == "IK":
                switch = switch_of(armature, constraint)
                if switch is None:
                    notes.append(f"{bone.name}: what drives the constraint {constraint.name} was not understood.")
                    continue
                chains.append(_chain(armature, bone, constraint, switch, mapped, below))
                if chains[-1].target is None:
                    notes.append(
                        f"{bone.name}: the target of {constraint.name} is no bone of this armature; FK is used."
                    )
            elif constraint.type in _OVERRULING and constraint.influence > 0:
                notes.append(f"{bone.name}: the constraint {constraint.name} may overrule its keys.")
    return IkConstraints(bone_map, tuple(chains), tuple(notes)) if chains or notes else None


def _chain(
    armature: bpy.types.Object,
    bone: bpy.types.PoseBone,
    constraint: bpy.types.KinematicConstraint,
    switch: Switch,
    mapped: set[str],
    below: dict[str, str],
) -> Chain:
    upper = bone.parent if constraint.chain_count != 1 else None
    return Chain(
        owner=bone.name,
        upper=upper.name if upper is not None and upper.name in mapped else None,
        target=(constraint.subtarget or None) if constraint.target == armature else None,
        pole=(constraint.pole_subtarget or None) if constraint.pole_target == armature else None,
        by_tail=constraint.use_tail,
        wearer=below.get(bone.name, bone.name),
        switch=switch,
    )
