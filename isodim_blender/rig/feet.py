"""Feet that stand still on the rig that plays the clip; no bpy.

The clip's contacts say when a foot stands. On a rig of other proportions the same angles bring it elsewhere, so each contact
gets one place on the ground, legs reach it in the plane of their knees, and the hips go down where a leg is too short.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from ...common.motion.feet.contacts import detect, runs, steady, velocity
from ...common.motion.feet.envelope import envelope
from ...common.motion.feet.hips import lowering, raising
from ...common.motion.feet.stance import body_shift, fill, foot_shift
from ...common.rigs.bone_map import SIDES
from . import hands as hands_
from . import limbs, toes
from .fit import Fit
from .kinematics import Kinematics
from .rest import ArmaturePose

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

BLEND_S = 0.25
"""Seconds in which a foot goes back to its own path before and after a contact."""
SLIDE_CM, SUNK_CM = 0.3, 1.0
"""A clip that slides and sinks no more than this is left as it is; between two frames of the backend a foot may sink a little."""
_SAID = 0.999
_TOUCH_M, _LEAVE_M = 0.10, 0.15
_TOUCH_SPEED, _LEAVE_SPEED = 0.8, 1.5
_ANKLE_SHARE = 0.7
_LIFT_SHARE = 0.4
_STRAIGHT = 0.985  # a straighter leg moves its knee far for a little of the ankle
_CARRYING_M, _OFTEN, _MOSTLY = 0.3, 0.25, 0.4
"""Hips so far above a foot are carried; in so large a share of the frames; so large a share of the heights of the lower foot, where
they are densest, are at the ground: steps push through it and jumps leave it, both shortly."""
_HARDLY = 0.25
"""Share of the frames in which a foot stands; a person who goes over the ground has more."""
_SOFT = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9.0


@dataclasses.dataclass(frozen=True)
class Slide:
    """The worst horizontal way of a standing foot from its place, in cm of the figure's own size; 0 if none stands."""

    before_cm: float
    after_cm: float


@dataclasses.dataclass(frozen=True)
class Planted:
    """A pose whose feet stand, and how much they slid."""

    pose: ArmaturePose
    slide: Slide


@dataclasses.dataclass(frozen=True)
class _Feet:
    """Both feet on the ground's scale: ankles, toes [frame, leg, 3] metres; soles [leg, 2] heights of both when flat."""

    ankles: Array
    toes: Array
    soles: Array

    @property
    def points(self) -> Array:
        """[frame, leg, 2, 3]: ankle and toes."""
        return np.stack([self.ankles, self.toes], axis=2)

    @property
    def heights(self) -> Array:
        """[frame, leg, 2] metres above where each is when the foot stands flat."""
        return self.points[..., 1] - self.soles

    @property
    def clearance(self) -> Array:
        """[frame, leg] metres that the foot may go down; below 0 it has sunk. On the heel an ankle may be a little lower."""
        ankle = self.ankles[..., 1] - _ANKLE_SHARE * self.soles[:, 0]
        return np.minimum(self.heights[..., 1], ankle)

    @property
    def hovering(self) -> Array:
        """[frame, leg] metres between the ground and the lower part of the sole, not below 0."""
        return np.maximum(self.heights.min(axis=2), 0.0)


def plant(fit: Fit, pose: ArmaturePose, contacts: NDArray[np.floating], fps: float, hands: bool = False) -> Planted:
    """The pose with one place for each contact of a foot, none of them below the ground; feet keep their orientation.

    pose: rotations of all mapped bones and the head of the pelvis, armature space, at `fps` frames a second. contacts:
    [frame, 4] in 0..1, as `Motion.contacts`; where the clip has none at all, they are found on the rig. hands: hands that
    are at rest in the clip keep one place too.

    A pose whose feet slide less than 0.3 cm and sink less than 1 cm keeps its legs: the backend has planted the feet of
    the canonical figure, and a second pass could only add noise to what it made. Toes bend in any case.
    """
    feet = _feet(fit, pose)
    standing = _standing(feet, np.asarray(contacts, np.float64), fps)
    before = after = _slide_cm(feet, standing)
    if before > SLIDE_CM or -100.0 * feet.clearance.min() > SUNK_CM:
        pose = _plant(fit, pose, feet, standing, max(2, round(BLEND_S * fps)))
        after = _slide_cm(_feet(fit, pose), standing)
    pose = toes.bent(fit, pose)
    return Planted(hands_.pin(fit, pose, fps) if hands else pose, Slide(before, after))


def contacts_of(fit: Fit, pose: ArmaturePose, fps: float) -> NDArray[np.float32]:
    """[frame, 4], as `Motion.contacts`: 1 where a joint of the rig's own feet is low and slow enough to stand.

    Where hardly a foot ever stands still though feet carry the body (a walk on the spot, a capture that slides), a foot that is
    low and moves level counts.
    """
    feet = _feet(fit, pose)
    standing = _standing(feet, np.zeros((pose.frames, 4)), fps)
    if standing.any(axis=(1, 2)).mean() < _HARDLY and stood_on(fit, pose) is not None:
        rising = np.abs(velocity(feet.points.reshape(-1, 4, 3), fps)[..., 1])
        standing = detect(feet.heights.reshape(-1, 4), rising, fps).reshape(-1, 2, 2)
    return standing.reshape(-1, 4).astype(np.float32)


def stood_on(fit: Fit, pose: ArmaturePose) -> float | None:
    """Metres above the fit's floor of the ground that the feet of `pose` stand on, whatever the fit takes for it.

    Where the lower foot mostly is while it carries the hips; None if it hardly ever does (lying, swimming, on the hands).
    """
    feet = _feet(fit, pose)
    hips = limbs.places(fit, Kinematics(fit.rest, pose), [f"{side}_hip" for side in SIDES]).mean(axis=1)
    carrying = hips[:, 1] - feet.ankles[..., 1].min(axis=1) > _CARRYING_M
    if not len(carrying) or carrying.mean() < _OFTEN:
        return None
    return _densest(feet.clearance.min(axis=1)[carrying])


def _densest(values: Array) -> float:
    """The middle of the shortest span that holds the share `_MOSTLY` of the values (the shorth: Andrews and others, 1972)."""
    ordered = np.sort(values)
    count = max(1, int(np.ceil(_MOSTLY * len(ordered))))
    start = int(np.argmin(ordered[count - 1 :] - ordered[: len(ordered) - count + 1]))
    return float(np.median(ordered[start : start + count]))


def _feet(fit: Fit, pose: ArmaturePose) -> _Feet:
    found = Kinematics(fit.rest, pose)
    ankles = limbs.places(fit, found, [f"{side}_ankle" for side in SIDES])
    balls = np.stack([limbs.toes(fit, found, side) for side in SIDES], axis=1)
    return _Feet(ankles, balls, np.array([limbs.soles(fit, side) for side in SIDES]))


def _standing(feet: _Feet, contacts: Array, fps: float) -> Flags:
    """[frame, leg, 2], ankle and toes: the clip's word, unless the rig's foot is far above the ground or fast.

    A value below 1 is a frame between one that stands and one that does not: there the foot moves already.
    """
    points = feet.points.reshape(len(contacts), 4, 3)
    height = feet.heights.reshape(-1, 4)
    speed = np.linalg.norm(velocity(points, fps), axis=-1)
    if not contacts.any():
        return detect(height, speed, fps).reshape(-1, 2, 2)
    said = contacts >= _SAID
    touching = said & (height < _TOUCH_M) & (speed < _TOUCH_SPEED)
    staying = said & (height < _LEAVE_M) & (speed < _LEAVE_SPEED)
    return steady(touching, staying, staying, 1).reshape(-1, 2, 2)


def _plant(fit: Fit, pose: ArmaturePose, feet: _Feet, standing: Flags, blend: int) -> ArmaturePose:
    body = body_shift(feet.ankles, feet.toes, standing, blend)
    feet = dataclasses.replace(feet, ankles=feet.ankles + body[:, None], toes=feet.toes + body[:, None])
    moved = limbs.shifted(fit, pose, body)
    ends = np.stack([_ankle_targets(feet, standing, leg, blend) for leg in range(len(SIDES))], axis=1)
    slots = [f"{side}_{joint}" for side in SIDES for joint in limbs.LEG]
    legs = limbs.places(fit, Kinematics(fit.rest, moved), slots).reshape(-1, len(SIDES), 3, 3)
    moved = limbs.shifted(fit, moved, raising(legs, ends, blend) - lowering(legs, ends, blend, _STRAIGHT))
    return limbs.reaching(fit, moved, limbs.LEG, {side: ends[:, leg] for leg, side in enumerate(SIDES)})


def _ankle_targets(feet: _Feet, standing: Flags, leg: int, blend: int) -> Array:
    """[frame, 3] metres: where the ankle goes so that the foot stands still on the ground and is nowhere below it."""
    shift = foot_shift(feet.ankles[:, leg], feet.toes[:, leg], standing[:, leg], blend)
    shift += _to_ground(feet.hovering[:, leg], np.asarray(standing[:, leg].any(axis=1)), blend)
    sunk = np.maximum(-feet.clearance[:, leg] - shift[:, 1], 0.0)
    shift[:, 1] += envelope(sunk, max(1, round(_LIFT_SHARE * blend)))
    return feet.ankles[:, leg] + shift


def _to_ground(hovering: Array, standing: Flags, blend: int) -> Array:
    """[frame, 3] metres downwards that take a standing foot to the ground, with blends before and after.

    In the first and last frames of a stance a growing height is the foot's own coming or going: it is left.
    """
    shift = np.zeros((len(hovering), 3))
    stances = runs(standing)
    for start, end in stances:
        height = hovering[start:end].copy()
        edge = min(blend, len(height))
        height[-edge:] = np.minimum.accumulate(height[-edge:])
        height[:edge] = np.minimum.accumulate(height[:edge][::-1])[::-1]
        shift[start:end, 1] = -np.convolve(np.pad(height, 2, mode="edge"), _SOFT, mode="valid")
    fill(shift, stances, blend)
    return shift


def _slide_cm(feet: _Feet, standing: Flags) -> float:
    """The largest distance over the ground of a held joint from its median place: the ankle while it stands, else the toes."""
    worst = 0.0
    for leg in range(standing.shape[1]):
        on_ankle = standing[:, leg, 0]
        for path, held in ((feet.ankles, on_ankle), (feet.toes, standing[:, leg, 1] & ~on_ankle)):
            for start, end in runs(held):
                ground = path[start:end, leg][:, (0, 2)]
                worst = max(worst, float(np.linalg.norm(ground - np.median(ground, axis=0), axis=-1).max()))
    return 100.0 * worst
