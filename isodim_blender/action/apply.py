"""A clip onto an armature of the scene: everything is checked before anything changes."""

from __future__ import annotations

import dataclasses
import time

import bpy

from ...common.errors import InputError
from ...common.motion import verdict
from ...common.motion.motion import Motion
from ..figure import figure
from ..rig import hindrances, retarget, stance, target
from ..rig.rest import ArmaturePose
from ..rig.rigged import Rigged
from ..steps import Steps, at_once, beside
from . import assets, curves, facts, keyframes, leftovers, result_check, sparse
from .clip_to_curves import Slide, fewer_keys, keyed, placed
from .options import DEFAULTS, Options

MIN_FPS, MAX_FPS = 1.0, 1000.0


@dataclasses.dataclass(frozen=True)
class Result:
    """What came of a clip.

    slide_cm: before and after, None where feet were left alone. few: what sparse keys came to. hidden: what keeps it from showing.
    verdict: whether it does what was asked, a sentence; empty where nothing was.
    """

    armature: str
    seconds: float
    slide_cm: Slide | None
    few: sparse.Sparse | None
    hidden: tuple[str, ...] = ()
    verdict: str = ""

    @property
    def sentence(self) -> str:
        """For a report."""
        told = f"{self.seconds:.1f} s on {self.armature}"
        told = f"{told}, but {'; '.join(self.hidden)}" if self.hidden else told
        return f"{told}. {self.verdict}" if self.verdict else told


def apply(
    motion: Motion,
    armature: bpy.types.Object | None,
    scene: bpy.types.Scene,
    frame: int,
    name: str,
    options: Options = DEFAULTS,
    stands: ArmaturePose | None = None,
) -> Result:
    """As `applying`, at once."""
    return at_once(applying(motion, armature, scene, frame, name, options, stands))


def applying(
    motion: Motion,
    armature: bpy.types.Object | None,
    scene: bpy.types.Scene,
    frame: int,
    name: str,
    options: Options = DEFAULTS,
    stands: ArmaturePose | None = None,
) -> Steps[Result]:
    """Writes `motion` as a new Action from `frame` on, at the scene's frame rate.

    None makes a new IsoDiM figure in `scene`, and selects it. `name` is the Action's if the clip has no prompt. `stands` [one frame] is taken
    for the rig's rest instead of the stance kept on the object. InputError, with nothing changed, if it cannot be done.
    """
    options.check()
    fps = frame_rate(scene)
    clip = yield from beside(lambda: motion.check().resampled(fps))
    if armature is not None:
        return (yield from _write(motion, clip, armature, scene, frame, name, options, stands))
    made = figure.add(scene)
    try:
        result = yield from _write(motion, clip, made, scene, frame, name, options, stands)
    except BaseException:
        figure.remove(made)
        raise
    figure.select(made)
    return result


def _write(
    motion: Motion,
    clip: Motion,
    armature: bpy.types.Object,
    scene: bpy.types.Scene,
    frame: int,
    name: str,
    options: Options,
    stands: ArmaturePose | None,
) -> Steps[Result]:
    target.check_writable(armature)
    rigged = yield from Rigged.looking(armature, stands)
    found = yield from beside(lambda: placed(rigged, retarget.transfer(rigged.fit, clip), clip, options))
    slide = found.slide
    channels = yield from beside(lambda: keyed(rigged, found, options))
    modes = curves.modes_of(armature, channels)
    turns = yield from beside(lambda: curves.turned(modes, channels))
    tracks, few = curves.of_channels(armature, channels, turns), None
    yield
    tracks += leftovers.tracks(armature, tracks, rigged.fit.bone_map.root)
    if options.keys == "SPARSE":
        few = yield from fewer_keys(rigged, tracks, options)
        tracks = few.tracks
    remembered = facts.of_motion(motion, clip.fps, frame, _facts(options, slide, few))
    before = keyframes.Playing(armature)
    action = yield from keyframes.writing(armature, facts.action_name(motion, name), tracks, frame, remembered)
    yield
    hidden = hindrances.of(armature, [track.data_path for track in tracks])
    if not hidden:
        on_purpose = tuple(part for part in ("feet", "hands") if getattr(options, part))
        near = (options.max_degrees, options.max_cm / 100.0) if options.keys == "SPARSE" else (0.0, 0.0)
        put = result_check.Put(clip, found.pose, frame, found.way, on_purpose, near)
        try:
            hidden = yield from result_check.looking(armature, scene, rigged.fit, put)
        except InputError:
            before.restore(action)
            raise
    if options.as_asset:
        assets.mark(action)
    if rigged.fit.own_stance is not None:
        stance.keep(armature, rigged.rest, rigged.fit.own_stance)
        hidden = (rigged.fit.borrowed, *hidden)
    return Result(armature.name, motion.seconds, slide, few, hidden, verdict.said(motion.meta))


def frame_rate(scene: bpy.types.Scene) -> float:
    """Frames a second; InputError if a clip cannot have so few or so many."""
    fps = scene.render.fps / scene.render.fps_base
    if not MIN_FPS <= fps <= MAX_FPS:
        raise InputError("Scene frame rate", fps, f"{MIN_FPS:g} to {MAX_FPS:g}")
    return fps


def _facts(options: Options, slide: Slide | None, few: sparse.Sparse | None) -> dict[str, object]:
    found: dict[str, object] = {key: getattr(options, key) for key in ("root", "feet", "hands", "keys", "controls")}
    found["made_s"] = int(time.time())
    if slide is not None:
        found |= {"slide_before_cm": slide[0], "slide_after_cm": slide[1]}
    if few is not None:
        found |= {"error_degrees": few.degrees, "error_cm": few.cm}
    return found
