"""Captured joints of the 22 canonical joints -> features on the canonical skeleton; what BVH and AMASS share."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from backend.motion.features import joints_to_features
from backend.motion.layout import HUMANML3D, Layout
from common.motion.skeleton import REST_OFFSETS
from training.data.captioned import CaptionedClip
from training.data.planted import planted
from training.data.rest_pose import estimate_rest
from training.data.retarget import retarget, scaled_clip, source_floor
from training.data.workers import mapped

from . import UNREADABLE, Made

Array = NDArray[np.float64]
_REST_CLIPS = 100


@dataclasses.dataclass(frozen=True)
class Joints:
    """A clip's joints as they were read. positions: [frame, 22, 3], metres, Y up; told: how its file was understood, for the
    report, empty where the format leaves no choice; notes: what was repaired."""

    positions: Array
    fps: float
    told: str = ""
    notes: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Captured:
    """Clips whose joints `read` gives.

    spans: (clip, frames at 20 fps) -> its rows for clips.jsonl and notes on captions left out.
    rests, floors: source name -> rest offsets [joint, 3] (m) and height of the ground (m), made by `with_rests`; plant: standing
    feet are fixed.
    """

    read: Callable[[CaptionedClip], Joints]
    spans: Callable[[CaptionedClip, int], tuple[list[dict], tuple[str, ...]]]
    clips: tuple[CaptionedClip, ...]
    unit_m: float
    refused: tuple[tuple[str, str, str], ...] = ()
    skipped: dict[str, int] = dataclasses.field(default_factory=dict)
    rests: dict[str, Array] = dataclasses.field(default_factory=dict)
    floors: dict[str, float] = dataclasses.field(default_factory=dict)
    plant: bool = False

    @property
    def layout(self) -> Layout:
        """The canonical skeleton."""
        return HUMANML3D

    def make(self, clip: CaptionedClip) -> Made:
        """The clip on the canonical skeleton, standing on the ground."""
        joints = self.read(clip)
        scaled = scaled_clip(joints.positions, joints.fps)
        result = retarget(scaled, self.rests[clip.source], self.floors[clip.source])
        positions, slides = planted(result.positions) if self.plant else (result.positions, {})
        features = joints_to_features(positions)
        spans, notes = self.spans(clip, len(features))
        facts = {"error_m": result.error_m, "ground_shift_m": result.ground_shift_m, **slides}
        return Made(features, spans, facts, joints.notes + notes, joints.told)

    def with_rests(self, workers: int) -> Captured:
        """This source with the rest pose and the ground of each of its skeletons, estimated from the clips themselves."""
        names = sorted({clip.source for clip in self.clips})
        found = dict(zip(names, mapped(self.rest_of, names, min(workers, len(names))), strict=True))
        return dataclasses.replace(
            self,
            rests={name: rest for name, (rest, _) in found.items()},
            floors={name: floor for name, (_, floor) in found.items()},
        )

    def rest_of(self, source: str) -> tuple[Array, float]:
        """Rest pose and height of the ground from at most 100 of a source's train clips, evenly chosen; the canonical pose on
        the height 0 if none can be used."""
        found = list(self._rest_clips(source))
        return (estimate_rest(found), source_floor(found)) if found else (REST_OFFSETS, 0.0)

    def _rest_clips(self, source: str) -> Iterator[Array]:
        clips = [clip for clip in self.clips if clip.source == source]
        train = [clip for clip in clips if clip.split == "train"] or clips
        for clip in train[:: -(-len(train) // _REST_CLIPS)]:
            with contextlib.suppress(*UNREADABLE):  # reported when its turn comes
                joints = self.read(clip)
                yield scaled_clip(joints.positions, joints.fps)
