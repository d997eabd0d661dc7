"""An armature's rest pose as arrays; no bpy."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
from numpy.typing import NDArray

from ...common.motion import quaternions
from ...common.rigs.rig import Rig


@dataclasses.dataclass(frozen=True)
class RestPose:
    """The bones at rest in armature space (the armature's own unit and axes), and how each follows its parent.

    rotations: [bone, 4] w first, armature space. inherits_rotation: [bone], off where a bone keeps its orientation when its
    parent turns. connected: [bone], on where the head sits on the parent's tail and location channels do nothing.
    local_location: [bone], off where location runs along the parent's axes instead of the bone's.
    """

    rig: Rig
    rotations: NDArray[np.float64]
    inherits_rotation: NDArray[np.bool_]
    connected: NDArray[np.bool_]
    local_location: NDArray[np.bool_]

    @functools.cached_property
    def local(self) -> NDArray[np.float64]:
        """[bone, 4]: each bone's rest rotation in its parent's rest frame; of a root in armature space."""
        parents = np.array(self.rig.parents)
        above = np.where((parents >= 0)[:, None], self.rotations[parents], quaternions.identity())
        return quaternions.multiply(quaternions.inverse(above), self.rotations)


@dataclasses.dataclass(frozen=True)
class ArmaturePose:
    """What some bones of an armature do, in armature space; the bones that are not named keep their rest channels.

    rotations: bone -> [frame, 4], w first. heads: bone -> [frame, 3], of the bones that are moved besides being turned (the
    pelvis, a root bone); every other head follows from its parent's.
    """

    rotations: dict[int, NDArray[np.float64]]
    heads: dict[int, NDArray[np.float64]]

    @property
    def frames(self) -> int:
        """Number of frames."""
        return len(next(iter(self.rotations.values())))


@dataclasses.dataclass(frozen=True)
class Travel:
    """A rigid motion over the ground in armature space: turn about the origin, then shift. The first frame is the identity.

    rotations: [frame, 4]; translations: [frame, 3].
    """

    rotations: NDArray[np.float64]
    translations: NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Channels:
    """What the channels of pose bones hold, frame by frame, relative to their rest.

    rotations: bone's name -> [frame, 4], w first, sign-continuous. locations: bone's name -> [frame, 3].
    travel: what the armature object itself does. properties: data path from the object -> the value it has throughout, for
    switches such as a control rig's IK/FK.
    """

    rotations: dict[str, NDArray[np.float64]]
    locations: dict[str, NDArray[np.float64]]
    travel: Travel | None = None
    properties: dict[str, float] = dataclasses.field(default_factory=dict)
