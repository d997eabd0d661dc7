"""Between what bones do in armature space and what their channels hold, by Blender's rules for parents; no bpy.

A bone's pose matrix is its parent's times its own rest relative to the parent times its channels; constraints and scales
are left out.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ...common.motion import quaternions
from .rest import ArmaturePose, Channels, RestPose

Array = NDArray[np.float64]


class Kinematics:
    """Rotations and heads of every bone of `rest` under `pose`; what the pose does not name is worked out once and kept."""

    def __init__(self, rest: RestPose, pose: ArmaturePose) -> None:
        self._rest, self._pose = rest, pose
        self._rotations: dict[int, Array] = {}
        self._heads: dict[int, Array] = {}

    def rotation(self, bone: int) -> Array:
        """[frame, 4] or [1, 4], armature space."""
        if bone in self._pose.rotations:
            return self._pose.rotations[bone]
        if bone not in self._rotations:
            self._rotations[bone] = self.socket(bone)
        return self._rotations[bone]

    def socket(self, bone: int) -> Array:
        """[frame, 4] or [1, 4]: the rotation that `bone` has in armature space while its channels rest."""
        parent = self._rest.rig.parents[bone]
        if parent < 0 or not self._rest.inherits_rotation[bone]:
            return self._rest.rotations[bone][None]
        return quaternions.multiply(self.rotation(parent), self._rest.local[bone])

    def head(self, bone: int) -> Array:
        """[frame, 3] or [1, 3], armature space."""
        if bone in self._pose.heads:
            return self._pose.heads[bone]
        if bone not in self._heads:
            self._heads[bone] = self.anchor(bone)
        return self._heads[bone]

    def anchor(self, bone: int) -> Array:
        """[frame, 3] or [1, 3]: where the head of `bone` is while its location rests."""
        parent = self._rest.rig.parents[bone]
        if parent < 0:
            return self._rest.rig.heads[bone][None]
        return self.head(parent) + quaternions.rotate(self.turn(parent), self._offset(parent, bone))

    def turn(self, bone: int) -> Array:
        """[frame, 4] or [1, 4]: the rotation in armature space from rest to now."""
        return quaternions.multiply(self.rotation(bone), quaternions.inverse(self._rest.rotations[bone]))

    def heads(self, bones: Iterable[int]) -> Array:
        """[frame, bone, 3] of several bones."""
        shape = (self._pose.frames, 3)
        return np.stack([np.broadcast_to(self.head(bone), shape) for bone in bones], axis=1)

    def location_axes(self, bone: int) -> Array:
        """[frame, 4] or [1, 4]: the rotation from a bone's location channels to armature space."""
        parent = self._rest.rig.parents[bone]
        if not self._rest.local_location[bone]:
            return self.rotation(parent) if parent >= 0 else quaternions.identity(1)
        # Not the socket: a bone that does not inherit rotation still has its location along axes that do.
        above = self.turn(parent) if parent >= 0 else quaternions.identity(1)
        return quaternions.multiply(above, self._rest.rotations[bone])

    def location(self, bone: int) -> Array:
        """[frame, 3]: the location channels that bring a bone's head from its anchor to where the pose has it."""
        shift = self.head(bone) - self.anchor(bone)
        return quaternions.rotate(quaternions.inverse(self.location_axes(bone)), shift)

    def _offset(self, parent: int, bone: int) -> Array:
        return self._rest.rig.heads[bone] - self._rest.rig.heads[parent]


def channels(rest: RestPose, pose: ArmaturePose) -> Channels:
    """The channels that make an armature with rest pose `rest` take `pose`.

    A bone that is connected to its parent cannot move by itself: the nearest bone above that can carries it.
    """
    pose = ArmaturePose(pose.rotations, _carried(rest, pose))
    found = Kinematics(rest, pose)
    names = rest.rig.names
    rotations = {
        names[bone]: quaternions.continuous(
            quaternions.normalized(quaternions.multiply(quaternions.inverse(found.socket(bone)), rotation))
        )
        for bone, rotation in pose.rotations.items()
    }
    return Channels(rotations, {names[bone]: found.location(bone) for bone in pose.heads})


def _carried(rest: RestPose, pose: ArmaturePose) -> dict[int, Array]:
    """`pose.heads` of bones that are free to move, such that those of connected bones come true too."""
    heads: dict[int, Array] = {}
    for bone in sorted(pose.heads):  # parents first
        carrier = bone
        while rest.connected[carrier]:
            carrier = rest.rig.parents[carrier]
        before = Kinematics(rest, ArmaturePose(pose.rotations, heads))
        heads[carrier] = pose.heads[bone] - before.head(bone) + before.head(carrier)
    return heads


def posed(rest: RestPose, moved: Channels) -> ArmaturePose:
    """The pose that `moved` channels give: the inverse of `channels`; `moved.travel` is left out."""
    pose = ArmaturePose({}, {})
    found = Kinematics(rest, pose)
    for bone in sorted(rest.rig.index[name] for name in {*moved.rotations, *moved.locations}):  # parents first
        name = rest.rig.names[bone]
        if name in moved.rotations:
            pose.rotations[bone] = quaternions.multiply(found.socket(bone), moved.rotations[name])
        if name in moved.locations:
            shift = quaternions.rotate(found.location_axes(bone), moved.locations[name])
            pose.heads[bone] = found.anchor(bone) + shift
    return pose
