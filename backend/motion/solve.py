"""Joint positions -> joint rotations on the canonical skeleton, with constant bone lengths.

Frames from three joints for pelvis and chest, aimed bones elsewhere, and the hinge planes of elbows and knees for the
twist of upper arms and thighs (`twist.py`). Rest hinge axes: a knee bends about +X (shin goes back); a left elbow
about -Y, a right elbow about +Y (in the T-pose the forearm goes forward).
"""

from __future__ import annotations

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
    _arms(p, offsets, world)
    _legs(p, offsets, world)
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


def _arms(p: Array, offsets: Array, world: Array) -> None:
    """World rotations of collars, upper arms and forearms."""
    chest = np.repeat(world[:, _CHEST, None], 2, axis=1)
    world[:, _COLLARS] = _aimed(chest, offsets[_SHOULDERS], p[:, _SHOULDERS] - p[:, _COLLARS])
    upper, fore = p[:, _ELBOWS] - p[:, _SHOULDERS], p[:, _WRISTS] - p[:, _ELBOWS]
    # Seen from the chest, not from the collar: shrugging shoulders turn no arm.
    hinge = quaternions.cross(_unit(upper), _unit(fore))
    aimed = _limb(chest, upper, hinge, offsets[_ELBOWS], _ELBOW_AXIS, _UPPER_ARM_VIA, _ELBOW_LIMITS_RAD)
    world[:, _SHOULDERS] = aimed
    world[:, _ELBOWS] = _aimed(aimed, offsets[_WRISTS], fore)


def _legs(p: Array, offsets: Array, world: Array) -> None:
    """World rotations of thighs, shins and feet; the toes tell a straight leg which way its knee points."""
    pelvis = np.repeat(world[:, _PELVIS, None], 2, axis=1)
    thigh, shin, foot = (
        _unit(p[:, child] - p[:, joint]) for joint, child in ((_HIPS, _KNEES), (_KNEES, _ANKLES), (_ANKLES, _TOES))
    )
    sideways, rest_sideways = quaternions.cross(foot, shin), _unit(quaternions.cross(offsets[_TOES], offsets[_ANKLES]))
    # A foot pointed along the shin has no sideways; past it, the wrong one.
    sideways *= np.clip((np.linalg.norm(sideways, axis=-1, keepdims=True) - 0.3) / 0.4, 0.0, 1.0)
    straight = np.maximum(_dot(thigh, shin), 0.0) ** 4
    forward, rest_forward = quaternions.cross(shin, sideways), quaternions.cross(_unit(offsets[_ANKLES]), rest_sideways)
    hint = sideways * _dot(_KNEE_AXIS, rest_sideways) + forward * _dot(_KNEE_AXIS, rest_forward)
    hinge = quaternions.cross(thigh, shin) + _TOE_HINT * straight * hint
    world[:, _HIPS] = aimed = _limb(pelvis, thigh, hinge, offsets[_KNEES], _KNEE_AXIS, _THIGH_VIA, _KNEE_LIMITS_RAD)
    world[:, _KNEES] = shins = _aimed(aimed, offsets[_ANKLES], shin)
    toes = offsets[_TOES]
    world[:, _ANKLES] = _limb(shins, foot, sideways, toes, rest_sideways, toes, _ANKLE_LIMITS_RAD)


def _limb(
    parent: Array,
    direction: Array,
    hinge: Array,
    rest: Array,
    rest_hinge: Array,
    via: Array,
    limits: tuple[float, float],
) -> Array:
    """World rotations [frame, limb, 4] of bones aimed along `direction` with the twist of `hinge` (both in the world)."""
    back = quaternions.inverse(parent)
    along = _unit(rest)
    axis = _unit(rest_hinge - along * _dot(rest_hinge, along))
    local = aim_with_twist(
        quaternions.rotate(back, _unit(direction)), quaternions.rotate(back, hinge), along, axis, _unit(via), limits
    )
    return quaternions.multiply(parent, local)


def _aimed(start: Array, rest: Array, bone: Array) -> Array:
    """`start` [..., 4] turned by the shortest arc that points its `rest` bone along `bone`; a bone of no length aims nothing."""
    now = quaternions.rotate(start, rest)
    length = np.linalg.norm(bone, axis=-1, keepdims=True)
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
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-9)


def _dot(a: Array, b: Array) -> Array:
    return np.sum(a * b, axis=-1, keepdims=True)


def _median_length(v: Array) -> float:
    return float(np.median(np.linalg.norm(v, axis=-1)))
