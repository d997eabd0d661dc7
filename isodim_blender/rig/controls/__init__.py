"""Control rigs: whose controls take the keys when the mapped bones themselves only follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ....common.rigs.bone_map import BoneMap
from ..rest import ArmaturePose, Channels, RestPose
from . import copies, ik_constraints, rigify_reader

if TYPE_CHECKING:
    import bpy

KINDS = ("FK", "IK")


class Controls(Protocol):
    """A rig's controls."""

    @property
    def title(self) -> str:
        """What people call the rig."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What keys cannot reach."""
        ...

    def body(self, rest: RestPose) -> RestPose:
        """`rest` with each mapped bone under the mapped bone that it in fact follows."""
        ...

    def channels(self, rest: RestPose, pose: ArmaturePose, kind: str) -> Channels:
        """What the controls, and the switches between them, have to hold so that the mapped bones take `pose`."""
        ...


def find(armature: bpy.types.Object, bone_map: BoneMap) -> Controls | None:
    """The controls of an armature; None if the mapped bones take keys themselves."""
    return (
        rigify_reader.find(armature, bone_map)
        or copies.find(armature, bone_map)
        or ik_constraints.find(armature, bone_map)
    )
