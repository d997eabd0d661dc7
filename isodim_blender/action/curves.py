"""Channels over time as tracks, each bone in its own rotation mode and without its locked channels."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...common.motion import quaternions
from ..rig.rest import Channels, Travel
from . import rotation_modes

if TYPE_CHECKING:
    import bpy

Array = NDArray[np.float64]

_OBJECT_GROUP = "Object Transforms"  # Blender's own name for it


@dataclasses.dataclass(frozen=True)
class Track:
    """The curves of one property; they have their keys at the same times.

    data_path: from the object. group: the name of the curves' group. values: [key, component] in the property's own unit
    (armature units, radians, parts of a quaternion), with what is locked as it is held. free: the components that get keys.
    bone: whom it moves; None for the object itself. mode: the rotation mode; empty if it is no rotation.
    frames: [key], counted from the clip's first; None for a key on every frame. slopes: [key, component] per frame, of
    Bezier keys that were fitted; None leaves the handles to Blender. constant: held until the next key. scale: how long an
    armature unit along each axis is in a location's values.
    """

    data_path: str
    group: str
    values: Array
    free: tuple[int, ...]
    bone: str | None = None
    mode: str = ""
    frames: NDArray[np.int64] | None = None
    slopes: Array | None = None
    constant: bool = False
    scale: tuple[float, float, float] = (1.0, 1.0, 1.0)

    @property
    def unit(self) -> float:
        """The longest an armature unit is in a location's values."""
        return max(*map(abs, self.scale), 1e-9)


def modes_of(armature: bpy.types.Object, channels: Channels) -> dict[str, str]:
    """Bone -> its rotation mode, of those that `channels` turn."""
    return {name: armature.pose.bones[name].rotation_mode for name in channels.rotations}


def turned(modes: Mapping[str, str], channels: Channels) -> dict[str, Array]:
    """Bone -> [frame, component]: the turns in each bone's own rotation mode."""
    by_mode: dict[str, list[str]] = collections.defaultdict(list)
    for name, mode in modes.items():
        by_mode[mode].append(name)
    found: dict[str, Array] = {}
    for mode, names in by_mode.items():
        values = rotation_modes.from_quaternions(mode, np.stack([channels.rotations[name] for name in names], axis=1))
        found |= {name: values[:, column] for column, name in enumerate(names)}
    return found


def of_channels(
    armature: bpy.types.Object, channels: Channels, turns: Mapping[str, Array] | None = None
) -> list[Track]:
    """The tracks that make `armature` play `channels`; locked channels get none, nor does a connected bone's location.

    turns: what `turned` gives for them, which takes long and needs nothing of Blender. Parts of a quaternion or of an axis and angle mean nothing alone: with one of them locked, none gets keys.
    """
    tracks = []
    for name, locations in channels.locations.items():
        bone = armature.pose.bones[name]
        if not bone.bone.use_connect:
            tracks.append(_location(bone, bone.path_from_id() + ".", name, locations))
    turns = turned(modes_of(armature, channels), channels) if turns is None else turns
    for name, values in turns.items():
        bone = armature.pose.bones[name]
        tracks.append(_rotation(bone, bone.path_from_id() + ".", name, values))
    if channels.travel is not None:
        tracks += _of_travel(armature, channels.travel)
    tracks += [
        Track(path, "Switches", np.array([[value]]), (0,), frames=np.zeros(1, np.int64), constant=True)
        for path, value in channels.properties.items()
    ]
    return [track for track in tracks if track.free]


def _of_travel(item: bpy.types.Object, travel: Travel) -> list[Track]:
    """The object's own channels such that its points, moved by `travel` in armature space, end where they should.

    basis(t) = basis . travel(t) with the scale S kept: the rotation is the nearest to R S turn S^-1, which is exact for a
    scale that is even, or even around the axis of the turn. Delta transforms stay outside and are part of the basis.
    """
    basis = np.array(item.matrix_basis, np.float64)
    scale = np.diag(np.array(item.scale, np.float64) * np.array(item.delta_scale, np.float64))
    turns = quaternions.to_matrix(travel.rotations)
    if abs(np.linalg.det(scale)) > 0:
        left, _, right = np.linalg.svd(scale @ turns @ np.linalg.inv(scale))
        turns = left @ right
    mode = item.rotation_mode
    held = np.array(getattr(item, rotation_modes.CHANNELS[mode]), np.float64)
    rotations = quaternions.multiply(rotation_modes.to_quaternions(mode, held), quaternions.from_matrix(turns))
    values = rotation_modes.from_quaternions(mode, rotations, start=held)
    locations = np.array(item.location, np.float64) + travel.translations @ basis[:3, :3].T
    tracks = [_location(item, "", _OBJECT_GROUP, locations), _rotation(item, "", _OBJECT_GROUP, values)]
    return [dataclasses.replace(track, bone=None, scale=tuple(np.diag(scale).tolist())) for track in tracks]


def _location(owner: bpy.types.Object | bpy.types.PoseBone, path: str, name: str, values: Array) -> Track:
    locks = tuple(owner.lock_location)
    return _track(f"{path}location", name, values, locks, owner.location)


def _rotation(owner: bpy.types.Object | bpy.types.PoseBone, path: str, name: str, values: Array) -> Track:
    mode, channel = owner.rotation_mode, rotation_modes.CHANNELS[owner.rotation_mode]
    locks = tuple(owner.lock_rotation)
    if len(values[0]) == 4:
        any_locked = any(locks) or (owner.lock_rotations_4d and owner.lock_rotation_w)
        locks = (any_locked,) * 4
    return dataclasses.replace(_track(path + channel, name, values, locks, getattr(owner, channel)), mode=mode)


def _track(path: str, name: str, values: Array, locks: Sequence[bool], held: Sequence[float]) -> Track:
    if any(locks):
        values = np.where(locks, np.array(held, np.float64), values)
    return Track(path, name, values, tuple(axis for axis, locked in enumerate(locks) if not locked), bone=name)
