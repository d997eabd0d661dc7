"""Few Bezier keys instead of one a frame, under a bound on every rotation and every joint's place; no bpy."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...common.errors import InputError
from ...common.motion import quaternions
from ..rig.kinematics import Kinematics, posed
from ..rig.rest import Channels, RestPose
from . import hermite, rotation_modes
from .curves import Track

Array = NDArray[np.float64]

_SHARE = 0.5
"""Keys are added together where the error is at least this share of a track's worst."""
_STRIDE, _PASSES = 6, 3
_CUT, _PART = 0.8, 0.1
_DIRECTIONS = np.array([(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1), (1, 1, -1), (1, -1, 1), (-1, 1, 1)], np.float64)


@dataclasses.dataclass(frozen=True)
class Sparse:
    """Tracks with few keys, and how far what they play is from one key a frame.

    degrees: the largest error of a rotation; cm: of a joint's place, in the figure's own size; both on whole frames.
    keys, dense: number of keys now, and with one on every frame.
    """

    tracks: list[Track]
    degrees: float
    cm: float
    keys: int
    dense: int


def fit_keys(
    rest: RestPose,
    tracks: Sequence[Track],
    max_degrees: float,
    max_cm: float,
    scale: float,
    share: Array | None = None,
) -> Sparse:
    """The fewest keys found such that no rotation is off by more than `max_degrees` and no joint by more than `max_cm`.

    tracks: what `curves.of_channels` gave. scale: armature units per metre of the figure's own size. The bound in cm
    holds for the heads of all bones that are keyed and of what hangs on them, with what the object does.
    share: [frame], which part of both bounds is allowed there; all of it if not given.
    A track's components share their keys, so that a quaternion stays whole. InputError if a bound is not above 0.
    """
    for field, bound in (("Degrees of sparse keys", max_degrees), ("Centimetres of sparse keys", max_cm)):
        if not bound > 0:
            raise InputError(field, bound, "a number above 0")
    moving = [track for track in tracks if not track.constant]
    if not moving:
        return Sparse(list(tracks), 0.0, 0.0, len(tracks), len(tracks))
    share = np.ones(len(moving[0].values)) if share is None else share
    fitting = _Fitting(moving, np.radians(max_degrees) * share, max_cm / 100.0 * scale * share)
    figure = _Figure(rest, moving)
    wanted = figure.heads(fitting.values)
    fitting.refine()
    off = _bring_in(fitting, figure, wanted, max_cm * share[:, None], scale)
    for _ in range(_PASSES):
        fitting.prune()
        off = _bring_in(fitting, figure, wanted, max_cm * share[:, None], scale)
    places = [fitting.error[row].max() / track.unit for row, track in enumerate(moving) if not track.mode]
    turns = [fitting.error[row].max() for row, track in enumerate(moving) if track.mode]
    written = fitting.tracks() + [track for track in tracks if track.constant]
    return Sparse(
        written,
        float(np.degrees(max(turns, default=0.0))),
        float(max([off.max(initial=0.0), *(place / scale * 100.0 for place in places)])),
        sum(len(track.free) * len(track.values) for track in written),
        sum(len(track.free) * len(track.values) for track in tracks),
    )


def _bring_in(fitting: _Fitting, figure: _Figure, wanted: Array, max_cm: Array, scale: float) -> Array:
    """Adds keys until every joint is where it should be; how far each is off then, [frame, joint] in cm."""
    while True:
        off = np.linalg.norm(figure.heads(fitting.curve) - wanted, axis=-1) / scale * 100.0
        figure.tighten(fitting, wanted, max_cm / np.maximum(off, 1e-12))
        if not fitting.refine():
            return off


class _Fitting:
    """All tracks side by side: values, curve [track, frame, 4]; error, tolerance (rad or a track's unit) and key [track, frame]."""

    def __init__(self, tracks: Sequence[Track], max_rad: Array, max_length: Array) -> None:
        self._tracks = tracks
        count, frames = len(tracks), len(tracks[0].values)
        self.values = np.zeros((count, frames, 4))
        for row, track in enumerate(tracks):
            self.values[row, :, : track.values.shape[1]] = track.values
        self._guess = np.gradient(self.values, axis=1) if frames > 1 else np.zeros_like(self.values)
        self._modes = np.array([track.mode for track in tracks])
        self._turns = np.stack([_turns(track.mode, track.values) for track in tracks])
        self.tolerance = np.stack([max_rad if track.mode else max_length * track.unit for track in tracks])
        self._keys = np.zeros((count, frames), bool)
        self._keys[:, (0, -1)] = True
        self.curve, self._slopes = np.empty_like(self.values), np.zeros_like(self.values)
        self.error = np.empty((count, frames))
        self._fit(np.arange(count))

    def refine(self) -> bool:
        """Adds keys where the error is worst until it is within the tolerance everywhere; whether any was needed."""
        before = self._keys.sum()
        while len(rows := np.flatnonzero((self.error > self.tolerance).any(axis=1))):
            excess = self.error[rows] / np.maximum(self.tolerance[rows], 1e-12)
            starts = np.flatnonzero(self._keys[rows])
            gaps = np.diff(np.append(starts, excess.size))
            worst = np.repeat(np.maximum.reduceat(excess.ravel(), starts), gaps).reshape(excess.shape)
            least = np.maximum(_SHARE * excess.max(axis=1, keepdims=True), 1.0)
            self._keys[rows] |= (excess == worst) & (excess >= least)
            self._fit(rows)
        return bool(self._keys.sum() > before)

    def prune(self) -> None:
        """Takes out the keys that turn out not to be needed: every sixth at once, since a key is felt by few others."""
        every = np.arange(len(self._keys))
        for turn in range(_STRIDE):
            tried = self._keys & (np.cumsum(self._keys, axis=1) % _STRIDE == turn)
            tried[:, (0, -1)] = False
            self._keys &= ~tried
            self._fit(every)
            starts = np.flatnonzero(self._keys)
            gaps = np.diff(np.append(starts, self._keys.size))
            missed = np.logical_or.reduceat((self.error > self.tolerance).ravel(), starts)
            beside = missed | np.append(missed[1:], False) | np.append(False, missed[:-1])
            self._keys |= tried & np.repeat(beside, gaps).reshape(tried.shape)
            self._fit(every)
            self.refine()

    def _fit(self, rows: NDArray[np.int64]) -> None:
        chosen = self._keys[rows]
        slopes, curve = hermite.fit(
            self.values[rows].reshape(-1, 4), self._guess[rows].reshape(-1, 4), np.flatnonzero(chosen)
        )
        self.curve[rows] = curve.reshape(len(rows), -1, 4)
        kept = np.zeros((*chosen.shape, 4))
        kept[chosen] = slopes
        self._slopes[rows] = kept
        for mode in np.unique(self._modes[rows]):
            of_mode = rows[self._modes[rows] == mode]
            if mode:
                found = _turns(mode, self.curve[of_mode])
                self.error[of_mode] = quaternions.angle_between(self._turns[of_mode], found)
            else:
                self.error[of_mode] = np.linalg.norm(self.curve[of_mode] - self.values[of_mode], axis=-1)
        self.error[self._keys] = 0.0  # rounding must not ask for keys that are there

    def tracks(self) -> list[Track]:
        """The same tracks with the keys found."""
        result = []
        for row, track in enumerate(self._tracks):
            frames, parts = np.flatnonzero(self._keys[row]), track.values.shape[1]
            slopes = self._slopes[row, frames, :parts]
            result.append(dataclasses.replace(track, values=track.values[frames], frames=frames, slopes=slopes))
        return result


class _Figure:
    """The joints that the tracks move, and who above moves each; the object is above all."""

    def __init__(self, rest: RestPose, tracks: Sequence[Track]) -> None:
        self._rest, self._tracks = rest, tracks
        self._rows: dict[int, list[int]] = {}
        self._object = [row for row, track in enumerate(tracks) if track.bone is None]
        for row, track in enumerate(tracks):
            if track.bone is not None:
                self._rows.setdefault(rest.rig.index[track.bone], []).append(row)
        self._joints = sorted({*self._rows, *_outermost(rest, set(self._rows))})
        ways = [tracks[row].values / tracks[row].unit for row in self._object if not tracks[row].mode]
        self._origin = ways[0] if ways else np.zeros(3)

    def heads(self, values: Array) -> Array:
        """[frame, joint, 3], armature space moved by the object, for values [track, frame, 4]."""
        moved = Channels({}, {})
        for row, track in enumerate(self._tracks):
            if track.bone is not None and track.mode:
                moved.rotations[track.bone] = _turns(track.mode, values[row])
            elif track.bone is not None:
                moved.locations[track.bone] = values[row, :, :3]
        if not self._joints:
            return np.zeros((values.shape[1], 0, 3))
        found = Kinematics(self._rest, posed(self._rest, moved))
        shape = (values.shape[1], 3)
        heads = np.stack([np.broadcast_to(found.head(bone), shape) for bone in self._joints], axis=1)
        for row in sorted(self._object, key=lambda row: not self._tracks[row].mode):  # a turn, then a shift
            track = self._tracks[row]
            if track.mode:
                scaled = heads * np.array(track.scale) / track.unit
                heads = quaternions.rotate(_turns(track.mode, values[row])[:, None], scaled)
            else:
                heads = heads + values[row, :, None, :3] / track.unit
        return heads

    def tighten(self, fitting: _Fitting, heads: Array, allowed: Array) -> None:
        """Lowers the tolerances above each joint that is too far off, on the frames where it is.

        heads: [frame, joint, 3]; allowed: [frame, joint], the bound as a share of the joint's error. Whoever moves the joint
        little (its error times its distance) is left alone.
        """
        pivots = {bone: heads[:, column] for column, bone in enumerate(self._joints)}
        above_all = [(row, np.broadcast_to(self._origin, (len(heads), 3))) for row in self._object]
        for column, joint in enumerate(self._joints):
            frames = np.flatnonzero(allowed[:, column] < 1.0)
            if not len(frames):
                continue
            movers = above_all + [
                (row, pivots[bone])
                for bone in (joint, *self._rest.rig.ancestors(joint))
                for row in self._rows.get(bone, ())
                if not (bone == joint and self._tracks[row].mode)
            ]
            if not movers:
                continue
            rows = np.array([row for row, _ in movers])
            turned = np.array([bool(self._tracks[row].mode) for row in rows])
            pivot = np.stack([pivot[frames] for _, pivot in movers])
            reach = np.linalg.norm(heads[frames, column] - pivot, axis=-1)
            units = np.array([self._tracks[row].unit for row in rows])[:, None]
            error = fitting.error[np.ix_(rows, frames)]
            part = error * np.where(turned[:, None], reach, 1.0 / units)
            counts = part >= np.minimum(_PART * part.sum(axis=0), part.max(axis=0))
            lower = np.where(counts, _CUT * error * allowed[frames, column], np.inf)
            box = np.ix_(rows, frames)
            fitting.tolerance[box] = np.minimum(fitting.tolerance[box], lower)


def _outermost(rest: RestPose, keyed: set[int]) -> set[int]:
    """Of the bones that hang stiffly on keyed ones, those that begin farthest out: no other's error is larger."""
    stiff: dict[int, list[int]] = {}
    carrier: dict[int, int] = {}
    for bone, parent in enumerate(rest.rig.parents):  # parents come first
        if bone in keyed:
            carrier[bone] = bone
        elif parent in carrier:
            carrier[bone] = carrier[parent]
            stiff.setdefault(carrier[bone], []).append(bone)
    found: set[int] = set()
    for bones in stiff.values():
        along = rest.rig.heads[bones] @ _DIRECTIONS.T
        found.update(bones[place] for place in {*along.argmin(axis=0), *along.argmax(axis=0)})
    return found


def _turns(mode: str, values: Array) -> Array:
    """[..., 4]: the rotations that a track's values mean; the identity if it is no rotation."""
    if not mode:
        return quaternions.identity(*values.shape[:-1])
    return rotation_modes.to_quaternions(mode, values[..., : 3 if mode in rotation_modes.EULER else 4])
