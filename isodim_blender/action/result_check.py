"""Whether a rig shows the clip that was put on it: its evaluated bones against what was wanted at a few frames."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import bpy
import numpy as np
from numpy.typing import NDArray

from ...common.errors import InputError
from ...common.motion import quaternions
from ...common.motion.motion import Motion
from ...common.motion.skeleton import INDEX
from ...common.rigs.bone_map import SIDES, title
from ..rig import fitting, hindrances, played
from ..rig.fit import Fit
from ..rig.kinematics import Kinematics
from ..rig.rest import ArmaturePose, Travel
from ..steps import Steps, beside

Array = NDArray[np.float64]

SHOWN_DEG, SHOWN_M = 5.0, 0.05
"""How far Blender may show a bone from where it was put, degrees and the figure's metres: an IK solver leaves a little."""
LIMB_DEG, TRUNK_DEG, HIPS_M = 25.0, 20.0, 0.25
"""How far from the clip it may be put: another posture at rest and few keys need some of that."""
PLANTED_DEG = 50.0
"""The same for limbs whose ends are kept in place: a cartwheel on a goblin's short legs takes 34."""
_LOOKS, _NAMED = 4, 3
_MOST = 0.5
"""Of the mapped bones: where more are held elsewhere by constraints or locks, the clip is not to be seen."""
_ARMS = tuple(
    (f"{side}_{first}", f"{side}_{second}")
    for side in SIDES
    for first, second in (("shoulder", "elbow"), ("elbow", "wrist"))
)
_LEGS = tuple(
    (f"{side}_{first}", f"{side}_{second}") for side in SIDES for first, second in (("hip", "knee"), ("knee", "ankle"))
)
_CHECKED = tuple(f"{side}_{part}" for side in SIDES for part in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle"))


@dataclasses.dataclass(frozen=True)
class Put:
    """What was put on the rig. pose: all mapped bones, after planting and without the object's travel. first_frame: of the clip.

    way: what the object does, None if it stays. planted: slots' limbs that were moved off the clip on purpose, "feet", "hands".
    near: degrees and metres that few keys may leave.
    """

    clip: Motion
    pose: ArmaturePose
    first_frame: int
    way: Travel | None
    planted: tuple[str, ...] = ()
    near: tuple[float, float] = (0.0, 0.0)


def looking(armature: bpy.types.Object, scene: bpy.types.Scene, fitted: Fit, put: Put) -> Steps[tuple[str, ...]]:
    """A clause each for what overrules keys and for what is off besides; none if the rig stands and points as it should.

    InputError if constraints or locks overrule most of the bones: then nothing of the clip shows.
    """
    rows = sorted({round(place) for place in np.linspace(0, put.clip.frames - 1, _LOOKS)})
    bones = fitting.mapped(fitted)
    names = [fitted.rest.rig.names[bone] for bone in bones]
    matrices, places = yield from played.at(armature, scene, [put.first_frame + row for row in rows], names)
    if not (np.isfinite(matrices).all() and np.isfinite(places).all()):
        return (f"{armature.name} has bones at places that are no numbers: look at its constraints and drivers",)
    wanted = Kinematics(fitted.rest, put.pose)
    shown = {bone: matrices[:, column] for column, bone in enumerate(bones)}
    away = yield from beside(
        lambda: [bone for bone in bones if _away(wanted, shown[bone], bone, rows, fitted.scale, put.near)]
    )
    told, held = hindrances.overruled(armature, [fitted.rest.rig.names[bone] for bone in away], len(bones))
    if held > _MOST * len(bones):
        raise InputError(f"Clip on {armature.name}", "hidden", f"bones that keys move, but {'; '.join(told)}")
    if put.way is not None and _object_away(places, put.way, rows, fitted.scale, put.near):
        told = (*told, hindrances.object_held(armature))
    if away and not held:
        told = (*told, *hindrances.scaled(fitted.rest.rig, {bone: played.sizes(shown[bone]) for bone in bones}))
    heads = {slot: shown[fitted.bones(slot)[0]][:, :3, 3] for slot in _CHECKED if fitted.bones(slot)}
    off = _off_the_pose(fitted, wanted, rows, heads) + _off_the_clip(fitted, put, rows, heads, places)
    if not off or told:
        return told
    worst = [text for _, text in sorted(dict.fromkeys(off), key=lambda entry: -entry[0])][:_NAMED]
    return (
        f"it does not stand as the clip does: {', '.join(dict.fromkeys(worst))}; look the bones over under Bones, or pose it "
        "standing and press Current Pose Is My Rest",
    )


def _away(
    wanted: Kinematics, shown: Array, bone: int, rows: Sequence[int], scale: float, near: tuple[float, float]
) -> bool:
    """Whether Blender turns or places a bone [look, 4, 4] clearly otherwise than it was put."""
    frames = np.asarray(rows)
    turns, heads = wanted.rotation(bone), wanted.head(bone)
    turns, heads = (values[frames] if len(values) > 1 else values for values in (turns, heads))
    degrees = np.degrees(quaternions.angle_between(played.rotations(shown), turns)).max()
    apart = np.linalg.norm(shown[:, :3, 3] - heads, axis=-1).max() / scale
    return bool(degrees > SHOWN_DEG + near[0] or apart > SHOWN_M + near[1])


def _object_away(places: Array, way: Travel, rows: Sequence[int], scale: float, near: tuple[float, float]) -> bool:
    """Whether the object [look, 4, 4] goes clearly elsewhere from the first look on than it was sent."""
    gone = np.linalg.inv(places[0]) @ places
    frames = np.asarray(rows)
    degrees = np.degrees(quaternions.angle_between(played.rotations(gone), way.rotations[frames])).max()
    apart = np.linalg.norm(gone[:, :3, 3] - way.translations[frames], axis=-1).max() / scale
    return bool(degrees > SHOWN_DEG + near[0] or apart > SHOWN_M + near[1])


def _off_the_pose(
    fitted: Fit, wanted: Kinematics, rows: Sequence[int], heads: Mapping[str, Array]
) -> list[tuple[float, str]]:
    """(how bad, words) for limbs that Blender shows otherwise than they were put."""
    found = []
    for first, second in (*_ARMS, *_LEGS):
        if first in heads and second in heads:
            ends = wanted.heads([fitted.bones(first)[0], fitted.bones(second)[0]])[rows]
            degrees = _angle(ends[:, 1] - ends[:, 0], heads[second] - heads[first])
            if degrees > 2 * SHOWN_DEG:
                found.append((degrees / LIMB_DEG, f"the {title(first)} {degrees:.0f}° off"))
    return found


def _off_the_clip(
    fitted: Fit, put: Put, rows: Sequence[int], heads: Mapping[str, Array], places: Array
) -> list[tuple[float, str]]:
    """(how bad, words) for trunk, hips and limbs that point elsewhere than the clip's, in the world."""
    joints = np.asarray(put.clip.positions[rows], np.float64)
    base = np.broadcast_to(places[:1], places.shape) if put.way is not None else places
    turn = quaternions.to_matrix(played.rotations(base)) @ quaternions.to_matrix(fitted.wire)
    found = []

    def compare(words: str, clip: Array, rig: Array, bound: float) -> None:
        there = (turn @ clip[..., None])[..., 0]
        degrees = _angle(there, (places[:, :3, :3] @ rig[..., None])[..., 0])
        if degrees > bound:
            found.append((degrees / bound, f"{words} {degrees:.0f}° off"))

    limbs = [(pair, "hands" in put.planted) for pair in _ARMS] + [(pair, "feet" in put.planted) for pair in _LEGS]
    for (first, second), planted in limbs:
        if first in heads and second in heads:
            clip = joints[:, INDEX[second]] - joints[:, INDEX[first]]
            compare(f"the {title(first)}", clip, heads[second] - heads[first], PLANTED_DEG if planted else LIMB_DEG)
    middle = {part: np.mean([heads[f"{side}_{part}"] for side in SIDES], axis=0) for part in ("hip", "shoulder")}
    clips = {part: joints[:, [INDEX[f"{side}_{part}"] for side in SIDES]].mean(axis=1) for part in middle}
    compare("the trunk", clips["shoulder"] - clips["hip"], middle["shoulder"] - middle["hip"], TRUNK_DEG)
    inside = (np.linalg.inv(base) @ places @ np.append(middle["hip"], np.ones((len(rows), 1)), axis=1)[..., None])[
        ..., :3, 0
    ]
    height = (inside @ fitted.up - fitted.floor) / fitted.scale - clips["hip"][:, 1]
    metres = float(height[np.argmax(np.abs(height))])
    if abs(metres) > HIPS_M:
        found.append((abs(metres) / HIPS_M, f"the hips {abs(metres):.1f} m too {'high' if metres > 0 else 'low'}"))
    return found


def _angle(one: Array, other: Array) -> float:
    """Degrees, the largest between directions [look, 3]."""
    lengths = np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1)
    cosine = np.sum(one * other, axis=-1) / np.maximum(lengths, 1e-12)
    return float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))).max())
