"""The one path from a clip to what a rig's curves hold, for a new Action and for a range of an old one alike.

    retarget.transfer ──► feet and hands planted ──► travel split off ──► channels of bones or controls ──► tracks ──► few keys

A range takes a part of it: what is planted reaches beyond the range, and only its own frames get keys.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from ...common.motion.motion import Motion
from ..rig import feet, hands, kinematics, travel
from ..rig.fit import Fit
from ..rig.rest import ArmaturePose, Channels, Travel
from ..rig.rigged import Rigged
from ..steps import Steps, beside
from . import sparse, sparse_controls
from .curves import Track
from .options import Options

Array = NDArray[np.float64]
Slide = tuple[float, float]
"""Of the feet, cm on the ground before and after planting."""

ALL = slice(None)


@dataclasses.dataclass(frozen=True)
class Placed:
    """A pose with feet and hands planted. way: what the object does instead of the hips; slide: None where feet were left alone."""

    pose: ArmaturePose
    way: Travel | None
    slide: Slide | None


def placed(rigged: Rigged, pose: ArmaturePose, clip: Motion, options: Options, near: slice = ALL) -> Placed:
    """`pose`, which is `clip` transferred to the rig, as the options want it; near: the frames whose feet and hands are planted."""
    planted, slide = _planted(rigged.fit, _cut(pose, near), clip.contacts[near], clip.fps, options)
    pose, way = travel.split(rigged.fit, _mixed(rigged.fit, pose, planted, near), options.root, clip.fps)
    return Placed(pose, way, slide)


def keyed(rigged: Rigged, found: Placed, options: Options, rows: slice = ALL) -> Channels:
    """What is keyed on the frames `rows` so that the rig takes the pose."""
    channels = rigged.channels(_cut(found.pose, rows), options.controls)
    if found.way is None:
        return channels
    return dataclasses.replace(channels, travel=Travel(found.way.rotations[rows], found.way.translations[rows]))


def channels_of(
    rigged: Rigged, pose: ArmaturePose, clip: Motion, options: Options, near: slice = ALL, rows: slice = ALL
) -> tuple[Channels, Slide | None]:
    """What is keyed on the frames `rows` so that the rig takes `pose`, which is `clip` transferred to it, and the feet's slide.

    near: the frames whose feet and hands are planted. slide: None where feet were left alone.
    """
    found = placed(rigged, pose, clip, options, near)
    return keyed(rigged, found, options, rows), found.slide


def fewer_keys(rigged: Rigged, tracks: Sequence[Track], options: Options) -> Steps[sparse.Sparse]:
    """The tracks with few keys, within the options' bounds."""
    bounds = options.max_degrees, options.max_cm
    if rigged.controls is None:
        return beside(functools.partial(sparse.fit_keys, rigged.rest, tracks, *bounds, rigged.fit.scale))
    return sparse_controls.fit_keys(rigged, tracks, *bounds)


def _planted(
    fit: Fit, pose: ArmaturePose, contacts: NDArray[np.floating], fps: float, options: Options
) -> tuple[ArmaturePose, Slide | None]:
    """The pose with feet and hands as the options want them."""
    if not options.feet:
        return (hands.pin(fit, pose, fps) if options.hands else pose), None
    found = feet.plant(fit, pose, contacts, fps, hands=options.hands)
    return found.pose, (found.slide.before_cm, found.slide.after_cm)


def _cut(pose: ArmaturePose, rows: slice) -> ArmaturePose:
    return ArmaturePose(
        {bone: turn[rows] for bone, turn in pose.rotations.items()},
        {bone: head[rows] for bone, head in pose.heads.items()},
    )


def _mixed(fit: Fit, pose: ArmaturePose, part: ArmaturePose, rows: slice) -> ArmaturePose:
    """`pose` with `part` in its `rows`; bones that only `part` names go along with their parents elsewhere."""
    found = kinematics.Kinematics(fit.rest, pose)

    def mix(names: Iterable[int], values_of: Callable[[int], Array], new: dict[int, Array]) -> dict[int, Array]:
        mixed = {}
        for bone in sorted(names):
            values = values_of(bone)
            mixed[bone] = np.repeat(values, pose.frames, axis=0) if len(values) == 1 else values.copy()
            mixed[bone][rows] = new[bone]
        return mixed

    rotations = mix({*pose.rotations, *part.rotations}, found.rotation, part.rotations)
    return ArmaturePose(rotations, mix({*pose.heads, *part.heads}, found.head, part.heads))
