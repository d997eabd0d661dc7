"""Poses as channels of the controls of a rig that Rigify generated; no bpy.

The mapped bones follow the controls through helper bones. `attach`, `lean` and `share` say how a helper follows, and the
channels are what is left between a control's socket and where the control has to be.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from ....common.motion import quaternions
from ....common.rigs.bone_map import BoneMap
from ..kinematics import Kinematics
from ..rest import ArmaturePose, Channels, RestPose
from . import body, poles
from .build_up import BuildUp

Array = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Limb:
    """An arm or a leg. bones: mapped, from the trunk outwards. fk: a control for each; ik: for those from the third on.

    still: controls between `ik` and the foot that must rest. pole: where the elbow or the knee points in IK.
    switches: kind -> data path -> value.
    """

    bones: tuple[str, ...]
    fk: tuple[str, ...]
    ik: tuple[str, ...]
    still: tuple[str, ...]
    pole: str
    switches: dict[str, dict[str, float]]


@dataclasses.dataclass(frozen=True)
class Trunk:
    """torso: carries all else. masters: (slot, control) that bend several bones at once and are made to rest or to follow.

    fk, tweaks: mapped bone -> control. neck, head: controls; None where the rig has none.
    """

    torso: str
    hips: str | None
    chest: str | None
    fk: dict[str, str]
    tweaks: dict[str, str]
    neck: str | None
    head: str | None


@dataclasses.dataclass(frozen=True)
class Rigify:
    """The controls of one rig, by name.

    originals: mapped bone -> the bone that the rig's helpers look at. carried: helper -> the bone that it moves with.
    leaning: helper -> (the bone whose rotation it takes, how much of it). shared: helper -> (the control whose channels it
    takes, how much of them). collars: mapped bone -> control. switches: data path -> value that the trunk's keys were worked out for.
    """

    title: str
    bone_map: BoneMap
    originals: dict[str, str]
    carried: dict[str, str]
    leaning: dict[str, tuple[str, float]]
    shared: dict[str, tuple[str, float]]
    trunk: Trunk
    collars: dict[str, str]
    limbs: tuple[Limb, ...]
    switches: dict[str, float]
    notes: tuple[str, ...] = ()

    def body(self, rest: RestPose) -> RestPose:
        """`rest` with each mapped bone under the mapped bone that it in fact follows."""
        return body.joined(rest, self.bone_map)

    def channels(self, rest: RestPose, pose: ArmaturePose, kind: str) -> Channels:
        """The controls' channels for `pose` of the mapped bones; `kind`: FK or IK of arms and legs."""
        build = BuildUp(rest, pose.frames)
        self._place_body(build, rest, pose)
        self._trunk(build)
        for bone, control in self.collars.items():
            self._follow(build, bone, control)
        properties = dict(self.switches)
        for limb in self.limbs:
            properties |= limb.switches[kind]
            (self._fk if kind == "FK" else self._ik)(build, limb)
        return build.channels(properties)

    def _place_body(self, build: BuildUp, rest: RestPose, pose: ArmaturePose) -> None:
        found = Kinematics(self.body(rest), pose)
        root = self.bone_map.root
        if root is not None and (rest.rig.index[root] in pose.rotations or rest.rig.index[root] in pose.heads):
            build.name(root, found.rotation(rest.rig.index[root]), found.head(rest.rig.index[root]))
            build.key(root, location=True)
        for bones in self.bone_map.slots.values():
            for bone in bones:
                build.name(bone, found.rotation(rest.rig.index[bone]), found.head(rest.rig.index[bone]))
                if self.originals[bone] != bone:
                    build.attach(self.originals[bone], bone)

    def _helper(self, build: BuildUp, bone: str) -> None:
        """Places the helper bones above a control, the highest first."""
        rig = build.rest.rig
        for above in (*reversed([rig.names[index] for index in rig.ancestors(rig.index[bone])]), bone):
            if above in self.carried:
                build.attach(above, self.carried[above])
            if above in self.leaning:
                target, share = self.leaning[above]
                build.name(above, quaternions.slerp(build.socket(above), build.rotation(target), share))
            if above in self.shared:
                control, share = self.shared[above]
                turn = quaternions.slerp(quaternions.identity(), build.channel(control), share)
                build.name(above, quaternions.multiply(build.socket(above), turn))

    def _follow(self, build: BuildUp, bone: str, control: str | None, location: bool = False) -> None:
        """`control` turns as the mapped `bone` does; with `location` it also moves as one piece with it."""
        if control is None or control not in build:
            return
        self._helper(build, control)
        if location:
            build.attach(control, bone)
        else:
            build.name(control, build.worn(control, bone))
        build.key(control, location=location)

    def _trunk(self, build: BuildUp) -> None:
        pelvis, spine = self.bone_map.slots["pelvis"][0], self.bone_map.slots.get("spine", ())
        torso = self.trunk.torso
        self._helper(build, torso)
        build.attach(torso, pelvis)
        self._master(build, self.trunk.hips, torso)
        self._master(build, self.trunk.chest, spine[-1] if spine else torso)
        order = sorted(self.trunk.fk, key=lambda bone: build.rest.rig.index[self.trunk.fk[bone]])
        for bone in order:
            self._follow(build, bone, self.trunk.fk[bone])
        original = self.originals[pelvis]
        build.name(torso, head=build.head(torso) + build.head(original) - build.anchor(original))
        build.forget()
        build.key(torso, location=True)
        self._tweak(build, spine)
        self._neck(build)

    def _master(self, build: BuildUp, control: str | None, bone: str) -> None:
        """A control that bends several bones takes the turn of `bone`; its location rests."""
        if control is not None:
            build.name(control, build.worn(control, bone))
            build.key(control, location=True)

    def _tweak(self, build: BuildUp, bones: tuple[str, ...]) -> None:
        """The twist that a tweak's helpers do not bring: tweaks turn about their own length only."""
        for bone in bones:
            tweak = self.trunk.tweaks.get(bone)
            if tweak is not None:
                self._helper(build, tweak)
                turn = quaternions.multiply(quaternions.inverse(build.socket(tweak)), build.worn(tweak, bone))
                build.key_rotation(tweak, quaternions.normalized(turn * (1.0, 0.0, 1.0, 0.0)))

    def _neck(self, build: BuildUp) -> None:
        neck, head = self.bone_map.slots.get("neck", ()), self.bone_map.slots.get("head", ())
        if neck and self.trunk.neck is not None:
            self._helper(build, self.trunk.neck)
            build.name(self.trunk.neck, self._neck_rotation(build, neck, head))
            build.key(self.trunk.neck)
        if not head or self.trunk.head is None:
            return
        bent = len(neck) > 1 and self.trunk.neck is not None
        self._follow(build, head[0], self.trunk.head, location=bent)
        if bent:
            self._neck_tweaks(build, neck, head[0])
            self._tweak(build, neck)

    def _neck_rotation(self, build: BuildUp, neck: tuple[str, ...], head: tuple[str, ...]) -> Array:
        """[frame, 4]: a neck of several bones looks along the line from its first bone to the head."""
        control = self.trunk.neck
        assert control is not None
        first = build.worn(control, neck[0])
        if len(neck) == 1 or not head:
            return first
        rig = build.rest.rig
        turn = quaternions.slerp(first, build.worn(control, neck[-1]), 0.5)
        local = quaternions.inverse(build.rest.rotations[rig.index[control]])
        line = quaternions.rotate(local, rig.heads[rig.index[head[0]]] - rig.heads[rig.index[neck[0]]])
        swing = quaternions.between(quaternions.rotate(turn, line), build.head(head[0]) - build.head(neck[0]))
        return quaternions.multiply(swing, turn)

    def _neck_tweaks(self, build: BuildUp, neck: tuple[str, ...], head: str) -> None:
        """Tweaks of the later neck bones move to where the bones begin; the neck stretches from its first bone to the head."""
        control, rig = self.trunk.neck, build.rest.rig
        assert control is not None
        at_rest = rig.heads[rig.index[head]] - rig.heads[rig.index[neck[0]]]
        stretch = np.linalg.norm(build.head(head) - build.head(neck[0]), axis=-1) / np.linalg.norm(at_rest)
        for bone in neck[1:]:
            tweak = self.trunk.tweaks.get(bone)
            if tweak is None:
                continue
            self._helper(build, tweak)
            helper = rig.names[rig.parents[rig.index[tweak]]]
            offset = rig.heads[rig.index[helper]] - rig.heads[rig.index[neck[0]]]
            along = at_rest * (offset @ at_rest) / (at_rest @ at_rest)
            # Stretch To keeps the volume: what grows in length shrinks across.
            stretched = stretch[:, None] * along + (offset - along) / np.sqrt(stretch)[:, None]
            moved = quaternions.rotate(build.turn(control), stretched)
            build.name(helper, head=build.head(neck[0]) + moved)
            build.name(tweak, head=build.head(bone))
            build.key(tweak, rotation=False, location=True)

    def _fk(self, build: BuildUp, limb: Limb) -> None:
        for bone, control in zip(limb.bones, limb.fk, strict=True):
            self._follow(build, bone, control)

    def _ik(self, build: BuildUp, limb: Limb) -> None:
        self._follow(build, limb.bones[2], limb.ik[0], location=True)
        for control in limb.still:
            build.key_rotation(control, quaternions.identity())
        for bone, control in zip(limb.bones[3:], limb.ik[1:], strict=False):
            self._helper(build, control)
            above = build.rest.rig.names[build.rest.rig.parents[build.rest.rig.index[control]]]
            build.attach(above, limb.ik[0])
            build.name(control, build.worn(control, bone))
            build.key(control)
        self._helper(build, limb.pole)
        build.name(limb.pole, head=_pole(build, limb.bones, limb.pole))
        build.key(limb.pole, rotation=False, location=True)


def _pole(build: BuildUp, bones: tuple[str, ...], pole: str) -> Array:
    rig = build.rest.rig
    start, hinge, end = bones[:3]
    at_rest = rig.heads[[rig.index[bone] for bone in (start, hinge, end)]]
    now = (build.head(start), build.head(hinge), build.head(end))
    return poles.place(at_rest, rig.heads[rig.index[pole]], now, build.turn(start))
