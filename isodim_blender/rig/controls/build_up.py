"""A rig's pose put together bone by bone, parents before children; no bpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ....common.motion import quaternions
from ..kinematics import Kinematics
from ..rest import ArmaturePose, Channels, RestPose

Array = NDArray[np.float64]


class BuildUp:
    """What is known of a rig's pose so far, and the channels asked for. A bone must be named before those under it are used."""

    def __init__(self, rest: RestPose, frames: int) -> None:
        self.rest, self._frames = rest, frames
        self._named = ArmaturePose({}, {})
        self._found = Kinematics(rest, self._named)
        self._rotations: dict[str, Array] = {}
        self._locations: dict[str, Array] = {}

    def __contains__(self, bone: str | None) -> bool:
        return bone in self.rest.rig.index

    def name(self, bone: str, rotation: Array | None = None, head: Array | None = None) -> None:
        """`bone` has this `rotation` [frame, 4] and this `head` [frame, 3], armature space; None: what its parents give it."""
        index = self.rest.rig.index[bone]
        if rotation is not None:
            self._named.rotations[index] = self._spread(rotation, 4)
        if head is not None:
            self._named.heads[index] = self._spread(head, 3)

    def unplace(self, bone: str) -> None:
        """The head of `bone` is again where its parents bring it."""
        self._named.heads.pop(self.rest.rig.index[bone], None)

    def placed(self, bone: str) -> bool:
        """Whether the head of `bone` was named."""
        return self.rest.rig.index[bone] in self._named.heads

    def forget(self) -> None:
        """Drops what was worked out, after a change to bones that others hang on."""
        self._found = Kinematics(self.rest, self._named)

    def attach(self, bone: str, carrier: str) -> None:
        """`bone` moves as if it were one piece with `carrier`."""
        self.name(bone, self.worn(bone, carrier), self.point(carrier, self.rest.rig.heads[self.rest.rig.index[bone]]))

    def worn(self, bone: str, carrier: str) -> Array:
        """[frame, 4]: the rotation of `bone` when it turns from rest as `carrier` does."""
        return quaternions.multiply(self.turn(carrier), self.rest.rotations[self.rest.rig.index[bone]])

    def point(self, carrier: str, at_rest: Array) -> Array:
        """[frame, 3]: where a point fixed to `carrier` is now that is `at_rest` [3] when the rig rests."""
        offset = at_rest - self.rest.rig.heads[self.rest.rig.index[carrier]]
        return self.head(carrier) + quaternions.rotate(self.turn(carrier), offset)

    def turn(self, bone: str) -> Array:
        """[frame, 4], armature space: the rotation from rest to now."""
        return self._spread(self._found.turn(self.rest.rig.index[bone]), 4)

    def rotation(self, bone: str) -> Array:
        """[frame, 4], armature space."""
        return self._spread(self._found.rotation(self.rest.rig.index[bone]), 4)

    def head(self, bone: str) -> Array:
        """[frame, 3], armature space."""
        return self._spread(self._found.head(self.rest.rig.index[bone]), 3)

    def anchor(self, bone: str) -> Array:
        """[frame, 3], armature space: the head of `bone` while its location channels rest."""
        return self._spread(self._found.anchor(self.rest.rig.index[bone]), 3)

    def socket(self, bone: str) -> Array:
        """[frame, 4], armature space: the rotation of `bone` while its channels rest."""
        return self._spread(self._found.socket(self.rest.rig.index[bone]), 4)

    def channel(self, bone: str) -> Array:
        """[frame, 4]: the rotation channels that bring `bone` from its socket to where it is."""
        turn = quaternions.multiply(quaternions.inverse(self.socket(bone)), self.rotation(bone))
        return quaternions.continuous(quaternions.normalized(turn))

    def key(self, bone: str, rotation: bool = True, location: bool = False) -> None:
        """The channels of `bone` are wanted as they now are."""
        if rotation:
            self._rotations[bone] = self.channel(bone)
        if location:
            self._locations[bone] = self._spread(self._found.location(self.rest.rig.index[bone]), 3)

    def key_as(self, bone: str, other: str, location: bool) -> None:
        """The channels of `bone` are those that `other` would have as it now is."""
        self.key_rotation(bone, self.channel(other))
        if location:
            self._locations[bone] = self._spread(self._found.location(self.rest.rig.index[other]), 3)

    def key_rotation(self, bone: str, channel: Array) -> None:
        """The rotation channels of `bone` are `channel` [frame, 4]."""
        self._rotations[bone] = quaternions.continuous(self._spread(channel, 4))

    def channels(self, properties: dict[str, float]) -> Channels:
        """All that was asked for."""
        return Channels(self._rotations, self._locations, properties=properties)

    def _spread(self, values: Array, width: int) -> Array:
        return np.broadcast_to(values, (self._frames, width))
