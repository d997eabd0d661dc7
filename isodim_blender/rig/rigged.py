"""An armature with all that putting a clip on it, or reading one from it, has to know."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from ..steps import Steps, at_once
from . import armature as rigs
from . import fitting, kinematics
from .controls import Controls, body
from .fit import Fit
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
        """As `looking`, at once."""
        return at_once(cls.looking(armature, stands))

    @classmethod
    def looking(cls, armature: bpy.types.Object, stands: ArmaturePose | None = None) -> Steps[Rigged]:
        """The armature as it is now; InputError if it cannot be mapped or nobody stands like that.

        `stands` [one frame] is taken for the rest instead of the stance kept on the object.
        """
        rest = rigs.rest_pose(armature)
        yield
        found, handles = yield from fitting.fitted(armature, rest, stands)
        return cls(armature, rest, found, handles)

    def channels(self, pose: ArmaturePose, kind: str) -> Channels:
        """What has to be keyed so that the mapped bones take `pose`. kind: which controls of a control rig, FK or IK."""
        if self.controls is None:
            return kinematics.channels(self.rest, body.placed(self.rest, self.fit.bone_map, pose))
        return self.controls.channels(self.rest, pose, kind)
