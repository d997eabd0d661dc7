"""Joint positions -> joint rotations on the canonical skeleton, with constant bone lengths.

Frames from three joints for pelvis and chest, aimed bones elsewhere, and the hinge planes of elbows and knees for the
twist of upper arms and thighs (`twist.py`). Rest hinge axes: a knee bends about +X (shin goes back); a left elbow
about -Y, a right elbow about +Y (in the T-pose the forearm goes forward).
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import ArrayLike, NDArray

from common.errors import InputError
from common.motion import quaternions
from common.motion.skeleton import INDEX, JOINTS, PARENTS, REST_OFFSETS, forward_kinematics

from .twist import aim_with_twist

Array = NDArray[np.float64]

_SIDES = ("left", "right")
_HIPS, _KNEES, _ANKLES, _TOES, _COLLARS, _SHOULDERS, _ELBOWS, _WRISTS = (
    [INDEX[f"{side}_{name}"] for side in _SIDES]
    for name in ("hip", "knee", "ankle", "foot", "collar", "shoulder", "elbow", "wrist")
)
_PELVIS, _SPINE1, _SPINE2, _CHEST, _NECK, _HEAD = (
    INDEX[name] for name in ("pelvis", "spine1", "spine2", "spine3", "neck", "head")
)
_KNEE_AXIS = np.array([[1.0, 0.0, 0.0]] * 2)
_ELBOW_AXIS = np.array([[0.0, -1.0, 0.0], [0.0, 1.0, 0.0]])
_THIGH_VIA = np.array([[0.2, -0.7, 0.7], [-0.2, -0.7, 0.7]])
_UPPER_ARM_VIA = np.array([[0.5, -0.7, 0.5], [-0.5, -0.7, 0.5]])
"""Directions in the middle of what thighs and upper arms reach, left and right: `twist` goes over them."""
_KNEE_LIMITS_RAD, _ELBOW_LIMITS_RAD = (1.6, 2.4), (2.1, 2.8)
"""Twist that a hinge is believed up to, and from which it is ignored: the turn about the bone that joints allow, and more than they do."""
_ANKLE_LIMITS_RAD = (0.9, 1.5)
"""The same for the foot about the shin."""
_TOE_HINT = 0.2
"""Weight of the toes' direction beside the hinge of a bent knee (the sine of its bend): it decides where the leg is within 12 degrees of straight."""
_SHORT_M = 1e-3
"""Bones below a millimetre have no direction."""


def solve(positions: ArrayLike, offsets: Array = REST_OFFSETS) -> tuple[Array, Array]:
    """Rotations [frame, joint, 4] and root [frame, 3] (m) whose forward kinematics comes close to `positions`.

    positions: [frame, joint, 3], metres, Y up, any heading; bone lengths may change from frame to frame.
    offsets: [joint, 3] metres, the source's own rest pose in the canonical axes (T-pose, facing +Z): with it, a source
        in its rest pose gives the canonical rest pose, whatever the shape of its spine and feet.
    Rotations are joint to parent, w first, of unit length and sign-continuous in time; those of head, wrists and toes,
    which have no joint beyond them, are the identity. The root puts the canonical hips' midpoint on the source's.
    """
    p = np.asarray(positions, np.float64)
    if p.ndim != 3 or p.shape[1:] != (len(JOINTS), 3) or len(p) == 0:
        raise InputError("positions.shape", p.shape, f"(frames, {len(JOINTS)}, 3)")
    if not np.isfinite(p).all():
        raise InputError("positions", "not finite", "finite numbers only")
    world = quaternions.identity(*p.shape[:2])
    _trunk(p, offsets, world)
    upper = _limbs(_upper_arms(p, offsets, world), _thighs(p, offsets, world))
    world[:, _SHOULDERS + _HIPS] = upper
    lower = p[:, _WRISTS + _ANKLES] - p[:, _ELBOWS + _KNEES]
    world[:, _ELBOWS + _KNEES] = _aimed(upper, offsets[_WRISTS + _ANKLES], lower)
    world[:, _ANKLES] = _limbs(_feet(p, offsets, world))
    world[:, _HEAD], world[:, _WRISTS], world[:, _TOES] = world[:, _NECK], world[:, _ELBOWS], world[:, _ANKLES]
    hips = REST_OFFSETS[_HIPS].mean(axis=0)
    root = p[:, _HIPS].mean(axis=1) - quaternions.rotate(world[:, _PELVIS], hips)
    return quaternions.continuous(_local(world)), root


def _trunk(p: Array, offsets: Array, world: Array) -> None:
    """World rotations of pelvis, spine, chest and neck; the spine shares the turn from pelvis to chest, then aims."""
    rest = _rest(offsets)
    world[:, _PELVIS] = pelvis = _pelvis_frame(p, rest)
    world[:, _CHEST] = chest = _chest_frame(p, rest)
    turn = quaternions.multiply(quaternions.inverse(pelvis), chest)
    none = quaternions.identity(len(p))
    for joint, child, amount in ((_SPINE1, _SPINE2, 1 / 3), (_SPINE2, _CHEST, 2 / 3)):
        shared = quaternions.multiply(pelvis, quaternions.slerp(none, turn, np.full(len(p), amount)))
        world[:, joint] = _aimed(shared, offsets[child], p[:, child] - p[:, joint])
    world[:, _NECK] = _aimed(chest, offsets[_HEAD], p[:, _HEAD] - p[:, _NECK])


def _pelvis_frame(p: Array, rest: Array) -> Array:
    """Left from the hips, up from their midpoint to the first joint of the spine: the three that no joint separates."""

    def frame(q: Array) -> Array:
        left, right = np.moveaxis(q[..., _HIPS, :], -2, 0)
        return quaternions.from_frame(left - right, q[..., _SPINE1, :] - (left + right) / 2)

    return quaternions.multiply(frame(p), quaternions.inverse(frame(rest)))


def _chest_frame(p: Array, rest: Array) -> Array:
    """Left from collars (or shoulders, where a source has both collars at the throat), up along the upper spine."""
    low, high = _chest_axis(p)
    width = _median_length(p[:, _COLLARS[0]] - p[:, _COLLARS[1]])
    span = _median_length(p[:, _SHOULDERS[0]] - p[:, _SHOULDERS[1]])
    left, right = _COLLARS if width > 0.25 * span else _SHOULDERS

    def frame(q: Array) -> Array:
        return quaternions.from_frame(q[..., left, :] - q[..., right, :], q[..., high, :] - q[..., low, :])

    return quaternions.multiply(frame(p), quaternions.inverse(frame(rest)))


def _chest_axis(p: Array) -> tuple[int, int]:
    """The joints below and above the rib cage: one choice a clip, as some sources have `spine3` at the neck's base."""
    trunk = _median_length(p[:, _NECK] - p[:, _HIPS].mean(axis=1))
    if _median_length(p[:, _NECK] - p[:, _CHEST]) > 0.28 * trunk:
        return _CHEST, _NECK
    return (_SPINE2 if _median_length(p[:, _CHEST] - p[:, _SPINE2]) > 0.1 * trunk else _SPINE1), _CHEST


@dataclasses.dataclass(frozen=True)
class _Limbs:
    """Bones to aim with a twist, left and right: world rotations of their parents [frame, limb, 4], their direction and hinge in
    the world [frame, limb, 3], those of the rest pose [limb, 3], and what `aim_with_twist` asks for beside."""

    parent: Array
    direction: Array
    hinge: Array
    rest: Array
    rest_hinge: Array
    via: Array
    limits_rad: tuple[float, float]


def _upper_arms(p: Array, offsets: Array, world: Array) -> _Limbs:
    """The upper arms; sets the world rotations of the collars."""
    chest = np.repeat(world[:, _CHEST, None], 2, axis=1)
    world[:, _COLLARS] = _aimed(chest, offsets[_SHOULDERS], p[:, _SHOULDERS] - p[:, _COLLARS])
    upper, fore = p[:, _ELBOWS] - p[:, _SHOULDERS], p[:, _WRISTS] - p[:, _ELBOWS]
    # Seen from the chest, not from the collar: shrugging shoulders turn no arm.
    hinge = quaternions.cross(_unit(upper), _unit(fore))
    return _Limbs(chest, upper, hinge, offsets[_ELBOWS], _ELBOW_AXIS, _UPPER_ARM_VIA, _ELBOW_LIMITS_RAD)


def _thighs(p: Array, offsets: Array, world: Array) -> _Limbs:
    """The thighs; the toes tell a straight leg which way its knee points."""
    pelvis = np.repeat(world[:, _PELVIS, None], 2, axis=1)
    thigh, shin = _unit(p[:, _KNEES] - p[:, _HIPS]), _unit(p[:, _ANKLES] - p[:, _KNEES])
    sideways, rest_sideways = _sideways(p, shin), _rest_sideways(offsets)
    straight = np.maximum(_dot(thigh, shin), 0.0) ** 4
    forward, rest_forward = quaternions.cross(shin, sideways), quaternions.cross(_unit(offsets[_ANKLES]), rest_sideways)
    hint = sideways * _dot(_KNEE_AXIS, rest_sideways) + forward * _dot(_KNEE_AXIS, rest_forward)
    hinge = quaternions.cross(thigh, shin) + _TOE_HINT * straight * hint
    return _Limbs(pelvis, thigh, hinge, offsets[_KNEES], _KNEE_AXIS, _THIGH_VIA, _KNEE_LIMITS_RAD)


def _feet(p: Array, offsets: Array, world: Array) -> _Limbs:
    """The feet, on shins whose world rotations are set."""
    sideways, toes = _sideways(p, _unit(p[:, _ANKLES] - p[:, _KNEES])), offsets[_TOES]
    foot, axis = p[:, _TOES] - p[:, _ANKLES], _rest_sideways(offsets)
    return _Limbs(world[:, _KNEES], foot, sideways, toes, axis, toes, _ANKLE_LIMITS_RAD)


def _sideways(p: Array, shin: Array) -> Array:
    """[frame, leg, 3]: the axis that a foot turns about, at right angles to it and the shin; shorter where the two hardly differ."""
    sideways = quaternions.cross(_unit(p[:, _TOES] - p[:, _ANKLES]), shin)
    # A foot pointed along the shin has no sideways; past it, the wrong one.
    return sideways * np.clip((quaternions.lengths(sideways) - 0.3) / 0.4, 0.0, 1.0)


def _rest_sideways(offsets: Array) -> Array:
    return _unit(quaternions.cross(offsets[_TOES], offsets[_ANKLES]))


def _limbs(*groups: _Limbs) -> Array:
    """World rotations [frame, limb, 4] of the limbs of all groups, one beside another."""
    parent, direction, hinge = (
        np.concatenate([getattr(group, name) for group in groups], axis=1) for name in ("parent", "direction", "hinge")
    )
    rest, rest_hinge, via = (
        np.concatenate([getattr(group, name) for group in groups]) for name in ("rest", "rest_hinge", "via")
    )
    limits = np.repeat([group.limits_rad for group in groups], [len(group.rest) for group in groups], axis=0)
    back, along = quaternions.inverse(parent), _unit(rest)
    axis = _unit(rest_hinge - along * _dot(rest_hinge, along))
    local = aim_with_twist(
        quaternions.rotate(back, _unit(direction)), quaternions.rotate(back, hinge), along, axis, _unit(via), limits
    )
    return quaternions.multiply(parent, local)


def _aimed(start: Array, rest: Array, bone: Array) -> Array:
    """`start` [..., 4] turned by the shortest arc that points its `rest` bone along `bone`; a bone of no length aims nothing."""
    now = quaternions.rotate(start, rest)
    length = quaternions.lengths(bone)
    return quaternions.multiply(quaternions.between(now, np.where(length > _SHORT_M, bone, now)), start)


def _local(world: Array) -> Array:
    """Joint-to-parent rotations from world rotations."""
    local = world.copy()
    local[:, 1:] = quaternions.multiply(quaternions.inverse(world[:, PARENTS[1:]]), world[:, 1:])
    return quaternions.normalized(local)


def _rest(offsets: Array) -> Array:
    """[joint, 3] metres: rest positions of `offsets`, the pelvis at the origin."""
    return forward_kinematics(quaternions.identity(1, len(JOINTS)), np.zeros((1, 3)), offsets)[0]


def _unit(v: Array) -> Array:
    return v / np.maximum(quaternions.lengths(v), 1e-9)


def _dot(a: Array, b: Array) -> Array:
    return np.einsum("...i,...i->...", a, b)[..., None]


def _median_length(v: Array) -> float:
    return float(np.median(quaternions.lengths(v)))
