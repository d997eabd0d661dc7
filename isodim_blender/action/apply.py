"""A clip onto an armature of the scene: everything is checked before anything changes."""

from __future__ import annotations

import dataclasses

import bpy
import numpy as np
from numpy.typing import NDArray

from ...common.errors import InputError
from ...common.motion.motion import Motion
from ..export import assets
from ..figure import figure
from ..rig import armature as rig
from ..rig import controls, feet, hands, hindrances, kinematics, mapping, retarget, stance, target, travel
from ..rig.fit import Fit, fit
from ..rig.rest import ArmaturePose, RestPose
from . import curves, facts, keyframes, leftovers, sparse, sparse_controls

MIN_FPS, MAX_FPS = 1.0, 1000.0
KEYS = ("EVERY_FRAME", "SPARSE")


@dataclasses.dataclass(frozen=True)
class Options:
    """How a clip is put on a rig.

    root: where the travel goes, one of `travel.ROOTS`. feet, hands: whether what stands or holds is kept from sliding.
    keys: one key a frame, or few Bezier keys that stay within max_degrees and max_cm. controls: which of a control rig's.
    as_asset: whether the Action becomes an asset.
    """

    root: str = "HIPS"
    feet: bool = True
    hands: bool = False
    keys: str = "EVERY_FRAME"
    max_degrees: float = 0.5
    max_cm: float = 0.5
    controls: str = "FK"
    as_asset: bool = False

    def check(self) -> Options:
        """The same options if all are allowed; otherwise InputError."""
        for name, allowed in (("root", travel.ROOTS), ("keys", KEYS), ("controls", controls.KINDS)):
            if getattr(self, name) not in allowed:
                raise InputError(name.capitalize(), getattr(self, name), f"one of {', '.join(allowed)}")
        for name in ("max_degrees", "max_cm"):
            if not 0.0 < getattr(self, name) < 1000.0:
                raise InputError(name, getattr(self, name), "a number above 0")
        return self


@dataclasses.dataclass(frozen=True)
class Result:
    """What came of a clip.

    slide_cm: before and after, None where feet were left alone. few: what sparse keys came to. hidden: what keeps it from showing.
    """

    armature: str
    seconds: float
    slide_cm: tuple[float, float] | None
    few: sparse.Sparse | None
    hidden: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """For a report."""
        said = f"{self.seconds:.1f} s on {self.armature}"
        return f"{said}, but {'; '.join(self.hidden)}" if self.hidden else said


def apply(
    motion: Motion,
    armature: bpy.types.Object | None,
    scene: bpy.types.Scene,
    frame: int,
    name: str,
    options: Options = Options(),
    stands: ArmaturePose | None = None,
) -> Result:
    """Writes `motion` as a new Action from `frame` on, at the scene's frame rate.

    None makes a new IsoDiM figure in `scene`, and selects it. `name` is the Action's if the clip has no prompt. `stands` [one frame] is taken
    for the rig's rest instead of the stance kept on the object. InputError, with nothing changed, if it cannot be done.
    """
    options.check()
    clip = motion.check().resampled(frame_rate(scene))
    if armature is not None:
        return _write(motion, clip, armature, frame, name, options, stands)
    made = figure.add(scene)
    try:
        result = _write(motion, clip, made, frame, name, options, stands)
    except BaseException:
        figure.remove(made)
        raise
    figure.select(made)
    return result


def _write(
    motion: Motion,
    clip: Motion,
    armature: bpy.types.Object,
    frame: int,
    name: str,
    options: Options,
    stands: ArmaturePose | None,
) -> Result:
    target.check_writable(armature)
    rest = rig.rest_pose(armature)
    fitted, handles = fit_of(armature, rest, stands)
    pose, slide = planted(fitted, retarget.transfer(fitted, clip), clip.contacts, clip.fps, options)
    pose, way = travel.split(fitted, pose, options.root, clip.fps)
    moved = kinematics.channels(rest, pose) if handles is None else handles.channels(rest, pose, options.controls)
    tracks, few = curves.of_channels(armature, dataclasses.replace(moved, travel=way)), None
    tracks += leftovers.tracks(armature, tracks, fitted.bone_map.root)
    if options.keys == "SPARSE":
        few = fewer_keys(armature, rest, fitted, handles, tracks, options)
        tracks = few.tracks
    remembered = facts.of_motion(motion, clip.fps, frame, _facts(options, slide, few))
    action = keyframes.write(armature, facts.action_name(motion, name), tracks, frame, remembered)
    if options.as_asset:
        assets.mark(action)
    hidden = hindrances.of(armature, [track.data_path for track in tracks])
    return Result(armature.name, motion.seconds, slide, few, hidden)


def frame_rate(scene: bpy.types.Scene) -> float:
    """Frames a second; InputError if a clip cannot have so few or so many."""
    fps = scene.render.fps / scene.render.fps_base
    if not MIN_FPS <= fps <= MAX_FPS:
        raise InputError("Scene frame rate", fps, f"{MIN_FPS:g} to {MAX_FPS:g}")
    return fps


def fit_of(
    armature: bpy.types.Object, rest: RestPose, stands: ArmaturePose | None = None
) -> tuple[Fit, controls.Controls | None]:
    """The fit of an armature that rests in `rest`, and its controls if it has any; InputError if it cannot be mapped."""
    bone_map = mapping.of(armature).check()
    handles = controls.find(armature, bone_map)
    body = rest if handles is None else handles.body(rest)
    return fit(body, bone_map, stands or stance.kept(armature, rest)), handles


def planted(
    fitted: Fit, pose: ArmaturePose, contacts: NDArray[np.floating], fps: float, options: Options
) -> tuple[ArmaturePose, tuple[float, float] | None]:
    """The pose with feet and hands as the options want them, and the feet's slide in cm before and after."""
    if not options.feet:
        return (hands.pin(fitted, pose, fps) if options.hands else pose), None
    found = feet.plant(fitted, pose, contacts, fps, hands=options.hands)
    return found.pose, (found.slide.before_cm, found.slide.after_cm)


def fewer_keys(
    armature: bpy.types.Object,
    rest: RestPose,
    fitted: Fit,
    handles: controls.Controls | None,
    tracks: list[curves.Track],
    options: Options,
) -> sparse.Sparse:
    """The tracks with few keys, within the options' bounds."""
    bounds = options.max_degrees, options.max_cm
    if handles is None:
        return sparse.fit_keys(rest, tracks, *bounds, fitted.scale)
    return sparse_controls.fit_keys(armature, rest, fitted, tracks, *bounds)


def _facts(options: Options, slide: tuple[float, float] | None, few: sparse.Sparse | None) -> dict[str, object]:
    found: dict[str, object] = {key: getattr(options, key) for key in ("root", "feet", "hands", "keys", "controls")}
    if slide is not None:
        found |= {"slide_before_cm": slide[0], "slide_after_cm": slide[1]}
    if few is not None:
        found |= {"error_degrees": few.degrees, "error_cm": few.cm}
    return found
