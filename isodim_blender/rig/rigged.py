"""An armature with all that putting a clip on it, or reading one from it, has to know."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from . import armature as rigs
from . import controls, kinematics, mapping, stance
from .controls import Controls
from .fit import Fit, fit
from .rest import ArmaturePose, Channels, RestPose

if TYPE_CHECKING:
    import bpy


@dataclasses.dataclass(frozen=True)
class Rigged:
    """rest: as its bones rest. fit: which of them are which part, and how large. controls: who takes the keys; None: they do."""

    armature: bpy.types.Object
    rest: RestPose
    fit: Fit
    controls: Controls | None

    @classmethod
    def of(cls, armature: bpy.types.Object, stands: ArmaturePose | None = None) -> Rigged:
        """The armature as it is now; InputError if it cannot be mapped.

        `stands` [one frame] is taken for the rest instead of the stance kept on the object.
        """
        bone_map = mapping.of(armature).check()
        rest = rigs.rest_pose(armature)
        found = controls.find(armature, bone_map)
        body = rest if found is None else found.body(rest)
        return cls(armature, rest, fit(body, bone_map, stands or stance.kept(armature, rest)), found)

    def channels(self, pose: ArmaturePose, kind: str) -> Channels:
        """What has to be keyed so that the mapped bones take `pose`. kind: which controls of a control rig, FK or IK."""
        if self.controls is None:
            return kinematics.channels(self.rest, pose)
        return self.controls.channels(self.rest, pose, kind)
