"""Captured joints of the 22 canonical joints -> features on the canonical skeleton; what BVH and AMASS share."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from backend.motion.features import joints_to_features
from backend.motion.layout import HUMANML3D, Layout
from common.errors import InputError
from common.motion.skeleton import REST_OFFSETS
from training.data.captioned import CaptionedClip
from training.data.planted import planted
from training.data.rest_pose import estimate_rest
from training.data.retarget import DroppedError, retarget, scaled_clip
from training.data.workers import mapped

from . import Made

Array = NDArray[np.float64]
_REST_CLIPS = 100


@dataclasses.dataclass(frozen=True)
class Captured:
    """Clips whose joints `read` gives: positions [frame, 22, 3] (Y up, any unit) and frames a second.

    spans: (clip, frames at 20 fps) -> its rows for clips.jsonl and notes on captions left out.
    rests: source name -> rest offsets [joint, 3] (m), made by `with_rests`; plant: standing feet are fixed.
    """

    read: Callable[[CaptionedClip], tuple[Array, float]]
    spans: Callable[[CaptionedClip, int], tuple[list[dict], tuple[str, ...]]]
    clips: tuple[CaptionedClip, ...]
    unit_m: float
    refused: tuple[tuple[str, str, str], ...] = ()
    skipped: dict[str, int] = dataclasses.field(default_factory=dict)
    rests: dict[str, Array] = dataclasses.field(default_factory=dict)
    plant: bool = False

    @property
    def layout(self) -> Layout:
        """The canonical skeleton."""
        return HUMANML3D

    def make(self, clip: CaptionedClip) -> Made:
        """The clip on the canonical skeleton, standing on the ground."""
        result = retarget(scaled_clip(*self.read(clip)), self.rests[clip.source])
        positions, slides = planted(result.positions) if self.plant else (result.positions, {})
        features = joints_to_features(positions)
        spans, notes = self.spans(clip, len(features))
        facts = {"error_m": result.error_m, "ground_shift_m": result.ground_shift_m, **slides}
        return Made(features, spans, facts, notes)

    def with_rests(self, workers: int) -> Captured:
        """This source with the rest pose of each of its skeletons, estimated from the clips themselves."""
        names = sorted({clip.source for clip in self.clips})
        found = mapped(self.rest_of, names, min(workers, len(names)))
        return dataclasses.replace(self, rests=dict(zip(names, found, strict=True)))

    def rest_of(self, source: str) -> Array:
        """Rest pose from at most 100 of a source's train clips, evenly chosen; the canonical one if none can be used."""
        found = list(self._rest_clips(source))
        return estimate_rest(found) if found else REST_OFFSETS

    def _rest_clips(self, source: str) -> Iterator[Array]:
        clips = [clip for clip in self.clips if clip.source == source]
        train = [clip for clip in clips if clip.split == "train"] or clips
        for clip in train[:: -(-len(train) // _REST_CLIPS)]:
            with contextlib.suppress(DroppedError, InputError):  # reported when its turn comes
                yield scaled_clip(*self.read(clip))
