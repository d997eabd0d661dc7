"""An edited clip into some frames of an armature's Action, as a preview, its borders blended with what the Action plays."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence

import bpy
import numpy as np
from numpy.typing import NDArray

from ...common.errors import InputError
from ...common.motion.motion import Motion
from ...common.motion.seam import frame_step, seam_jump
from .. import slots
from ..action import apply, curves, facts, range_edit, rotation_modes, sparse
from ..action import seam as seams
from ..action.clip_to_curves import Slide, channels_of, fewer_keys
from ..action.options import DEFAULTS
from ..action.range_edit import Window
from ..rig import controls, double, kinematics, recording, retarget
from ..rig.fit import Fit
from ..rig.rest import ArmaturePose
from ..rig.rigged import Rigged
from ..steps import Steps, at_once, beside
from . import preview

Array = NDArray[np.float64]
Curves = Mapping[tuple[str, int], bpy.types.FCurve]

EDITS, SEAMS = f"{facts.PREFIX}edits", f"{facts.PREFIX}seams"
_FEET_MARGIN_S = 0.5
_TURNS = ("rotation_quaternion", "rotation_euler", "rotation_axis_angle")


@dataclasses.dataclass(frozen=True)
class Applied:
    """What came of an edit.

    seams: border (the frame after it) -> (position, velocity) jump of the mapped joints on the rig, in the clip's median frame
    steps. slide_cm: of feet in the range, before and after; None where they were left alone. few: what sparse keys came to.
    skipped: data paths that are muted or locked. options: as they were used.
    """

    action: str
    first: int
    last: int
    seams: dict[int, tuple[float, float]]
    slide_cm: Slide | None
    few: sparse.Sparse | None
    skipped: tuple[str, ...]
    options: apply.Options


@dataclasses.dataclass(frozen=True)
class _Job:
    """The rig, its Action, and the frames. slot: which is played, its identifier. start_frame: of the clip's first."""

    rigged: Rigged
    scene: bpy.types.Scene
    action: bpy.types.Action
    slot: str
    window: Window
    start_frame: int
    fps: float

    def curves(self) -> Curves:
        """Those of the slot as they are now: between two steps a person may delete some."""
        return slots.curves_by_channel(self.action, slots.slot_called(self.action, self.slot))


@dataclasses.dataclass(frozen=True)
class Computed:
    """What is written, before anything is. step: the clip's median frame step on the rig."""

    job: _Job
    motion: Motion
    tracks: Sequence[curves.Track]
    skipped: tuple[str, ...]
    slide_cm: Slide | None
    few: sparse.Sparse | None
    options: apply.Options
    step: float


def computing(
    armature: bpy.types.Object,
    action: bpy.types.Action,
    motion: Motion,
    scene: bpy.types.Scene,
    where: tuple[int, int, int],
    options: apply.Options = DEFAULTS,
    follows: bool = False,
) -> Steps[Computed]:
    """Some frames of the armature's `action` as those of `motion`; nothing changes. where: `start_frame`, `first`, `last`.

    `motion`'s first frame is at `start_frame`; the frames are `first` to `last`, both included.

    motion: what was edited, the whole clip or as much of it as `first` to `last` needs. At all times up to `first` - 1 and from
    `last` + 1 on every channel stays as it is. Where the range reaches the Action's own beginning or end there is no border, and
    all before or after it is replaced. follows: all after `first` is replaced, to the clip's end.
    The travel and the controls go where the Action has them, whatever the options say. InputError if it cannot be done.
    """
    options.check()
    start_frame, first, last = where
    fps = apply.frame_rate(scene)
    clip = motion.check() if abs(motion.fps - fps) < 1e-6 else motion.check().resampled(fps)
    window = _window(action, clip, start_frame, first, last, follows)
    rigged = yield from Rigged.looking(armature)
    job = _Job(rigged, scene, action, slots.identifier_for(action, armature), window, start_frame, fps)
    pose = _with_twists(job, (yield from beside(lambda: retarget.transfer(rigged.fit, clip))))
    step = yield from beside(lambda: frame_step(_joints(rigged.fit, pose)))
    options = yield from _as_played(job, options, action, pose)
    tracks, slide = yield from _tracks(job, pose, clip, options)
    tracks, skipped = range_edit.editable(job.curves(), tracks)
    yield
    tracks, few = yield from _fewer(job, (yield from _blended(job, tracks)), options)
    return Computed(job, motion, tracks, skipped, slide, few, options, step)


def written(armature: bpy.types.Object, action: bpy.types.Action, made: Computed) -> Steps[bpy.types.Action]:
    """A copy of `action` with it, which nobody plays yet. InputError, with nothing changed, if it cannot be."""
    copy = preview.copied(action)
    uid = copy.session_uid
    yield
    try:
        slots.present(copy)
        slot = slots.slot_called(copy, made.job.slot)
        yield from range_edit.replacing(armature, copy, slot, made.tracks, made.job.window)
    except BaseException:
        slots.remove(uid)
        raise
    _remember(copy, made.motion, made.job.window)
    return copy


def looked_at(made: Computed, copy: bpy.types.Action) -> Steps[Applied]:
    """What came of it, as the rig plays it."""
    jumps = yield from _jumps(made.job, copy, made.step)
    copy[SEAMS] = json.dumps({str(frame): [round(number, 3) for number in jump] for frame, jump in jumps.items()})
    window = made.job.window
    return Applied(copy.name, window.first, window.last, jumps, made.slide_cm, made.few, made.skipped, made.options)


def apply_range(
    armature: bpy.types.Object,
    motion: Motion,
    scene: bpy.types.Scene,
    start_frame: int,
    first: int,
    last: int,
    options: apply.Options = DEFAULTS,
    follows: bool = False,
) -> Applied:
    """`computing`, `written` and `looked_at` of what the armature plays, at once."""
    action = preview.editable(armature)
    made = at_once(computing(armature, action, motion, scene, (start_frame, first, last), options, follows))
    return at_once(looked_at(made, preview.begin(armature, at_once(written(armature, action, made)))))


def _window(action: bpy.types.Action, clip: Motion, start_frame: int, first: int, last: int, follows: bool) -> Window:
    ends = start_frame + clip.frames - 1
    if follows:
        last = ends
    if not start_frame <= first <= last <= ends:
        raise InputError("Range", (first, last), f"first and last frame, from {start_frame} to {ends}")
    playing = recording.frames_of(action)
    return Window(first, last, first <= playing.start, follows or last >= playing.stop - 1)


def _as_played(job: _Job, options: apply.Options, action: bpy.types.Action, pose: ArmaturePose) -> Steps[apply.Options]:
    """The options with the travel and the controls where the Action has them: two kinds in one Action do not join."""
    paths = {path for path, _ in job.curves()}
    root = job.rigged.fit.bone_map.root
    if paths & {"location", *_TURNS}:
        where = "OBJECT"
    elif root is not None and f'pose.bones["{bpy.utils.escape_identifier(root)}"].location' in paths:
        where = "ROOT"
    else:
        where = "IN_PLACE" if action.get(f"{facts.PREFIX}root") == "IN_PLACE" else "HIPS"
    kind = options.controls
    borders = [job.window.begin] * (not job.window.open_start) + [job.window.end] * (not job.window.open_end)
    if job.rigged.controls is not None and borders:
        still = ArmaturePose(
            {b: turn[:1] for b, turn in pose.rotations.items()}, {b: h[:1] for b, h in pose.heads.items()}
        )
        wanted = yield from beside(lambda: {one: job.rigged.channels(still, one).properties for one in controls.KINDS})
        kind = max(wanted, key=lambda one: (_agreeing(job, wanted[one], borders), one == options.controls))
    return dataclasses.replace(options, root=where, controls=kind)


def _agreeing(job: _Job, wanted: Mapping[str, float], borders: Sequence[int]) -> int:
    """How many switches stand at the borders as they are wanted, data path -> value."""
    tracks, found = [curves.Track(path, "", np.zeros((1, 1)), (0,)) for path in wanted], job.curves()
    values = [range_edit.played(job.rigged.armature, found, track, borders)[:, 0] for track in tracks]
    return sum(int(np.all(value == want)) for value, want in zip(values, wanted.values(), strict=True))


def _tracks(
    job: _Job, pose: ArmaturePose, clip: Motion, options: apply.Options
) -> Steps[tuple[list[curves.Track], Slide | None]]:
    """Tracks with a key on every frame from two before the range to two after it, as far as the clip goes; feet planted."""
    inside = slice(job.window.first - job.start_frame, job.window.last + 1 - job.start_frame)
    margin = round(_FEET_MARGIN_S * job.fps)
    around = slice(max(inside.start - margin, 0), min(inside.stop + margin, clip.frames))
    # What is planted goes beyond the borders, so that the seam sees the offset that planting makes there.
    channels, slide = yield from beside(
        lambda: channels_of(job.rigged, pose, clip, options, around, _rows(job, clip.frames))
    )
    modes = curves.modes_of(job.rigged.armature, channels)
    turns = yield from beside(lambda: curves.turned(modes, channels))
    with _standing_at(job.rigged.armature, job.curves(), job.start_frame):
        return curves.of_channels(job.rigged.armature, channels, turns), slide


def _rows(job: _Job, frames: int) -> slice:
    first, last = job.window.begin - 1 + job.window.open_start, job.window.end + 1 - job.window.open_end
    return slice(max(first - job.start_frame, 0), min(last - job.start_frame + 1, frames))


def _blended(job: _Job, tracks: list[curves.Track]) -> Steps[list[curves.Track]]:
    """Tracks from border to border that meet what the Action plays."""
    window = job.window
    count = max((len(track.values) for track in tracks if not track.constant), default=0)
    begin = max(window.begin - 1 + window.open_start, job.start_frame)
    frames = np.arange(begin, begin + count)
    outside = np.flatnonzero((frames < window.first) | (frames > window.last))
    old, found = [], job.curves()
    for track in tracks:
        values = np.zeros((count, track.values.shape[1])) if track.constant else track.values.copy()
        if not track.constant and len(outside):
            values[outside] = range_edit.played(job.rigged.armature, found, track, frames[outside])
        old.append(values)
    yield
    margins = int(not window.open_start), int(not window.open_end and window.end <= frames[-1])
    start, end = window.first - begin, window.last + 1 - begin
    return (yield from beside(lambda: seams.blended(tracks, old, start, end, job.fps, margins)))


def _fewer(
    job: _Job, tracks: list[curves.Track], options: apply.Options
) -> Steps[tuple[list[curves.Track], sparse.Sparse | None]]:
    if options.keys != "SPARSE":
        return tracks, None
    whole = [track for track in tracks if range_edit.jumps(track)]
    few = yield from fewer_keys(job.rigged, [track for track in tracks if track not in whole], options)
    return few.tracks + whole, few


def _jumps(job: _Job, action: bpy.types.Action, step: float) -> Steps[dict[int, tuple[float, float]]]:
    """The seams as the rig plays them."""
    window = job.window
    borders = [window.first] * (not window.open_start) + [window.end] * (not window.open_end)
    names = [job.rigged.fit.rest.rig.names[bone] for bone in _bones(job.rigged.fit)]
    frames = [frame for at in borders for frame in range(at - 2, at + 2)]
    with double.stage(job.rigged.armature, job.scene) as stage:
        yield
        playing = stage.play(action, names, frames)
        heads = ((yield from playing) if stage.aside else at_once(playing))[..., :3, 3]
    yield
    return {at: seam_jump(heads[4 * row : 4 * row + 4], 2, step) for row, at in enumerate(borders)}


def _remember(action: bpy.types.Action, motion: Motion, window: Window) -> None:
    """Adds the edit, with all that makes its clip again, to those that the Action remembers."""
    try:
        before = json.loads(action.get(EDITS, "[]"))
    except (TypeError, ValueError):
        before = []
    entry = {"first": window.first, "last": window.last, **motion.meta}
    action[EDITS] = json.dumps([*before, entry] if isinstance(before, list) else [entry])


@contextlib.contextmanager
def _standing_at(item: bpy.types.Object, found: Curves, frame: int) -> Iterator[None]:
    """The object's own channels as they are at `frame`: a clip that moves the object counts from there."""
    names = ("location", rotation_modes.CHANNELS[item.rotation_mode])
    held = {name: tuple(getattr(item, name)) for name in names}
    try:
        for name in names:
            values = list(held[name])
            for index in range(len(values)):
                curve = found.get((name, index))
                if curve is not None and len(curve.keyframe_points):
                    values[index] = curve.evaluate(frame)
            setattr(item, name, values)
        yield
    finally:
        for name, value in held.items():
            setattr(item, name, value)


def _bones(fitted: Fit) -> list[int]:
    return sorted({fitted.bones(slot)[0] for slot in fitted.bone_map.slots if fitted.bones(slot)})


def _joints(fitted: Fit, pose: ArmaturePose) -> Array:
    """[frame, joint, 3], armature space: the heads of the mapped parts."""
    return kinematics.Kinematics(fitted.rest, pose).heads(_bones(fitted))


def _with_twists(job: _Job, pose: ArmaturePose) -> ArmaturePose:
    """The pose with the twist bones that only planted feet turn, where the Action has keys of them already."""
    rig = job.rigged.fit.rest.rig
    keyed = {path.split('"')[1] for path, _ in job.curves() if path.startswith("pose.bones") and path.endswith(_TURNS)}
    names = {name for chain in job.rigged.fit.bone_map.twists.values() for name in chain} & keyed
    bones = [rig.index[name] for name in names if rig.index[name] not in pose.rotations]
    found = kinematics.Kinematics(job.rigged.fit.rest, pose)
    more = {bone: np.broadcast_to(found.rotation(bone), (pose.frames, 4)) for bone in bones}
    return ArmaturePose(dict(sorted((pose.rotations | more).items())), pose.heads)
