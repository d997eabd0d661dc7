"""Where motion comes from: one room per kind of source, each giving clips as features with their captioned spans."""

from __future__ import annotations

import dataclasses
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from backend.motion.layout import Layout
from common.errors import InputError
from training.data.captioned import CaptionedClip
from training.data.retarget import DroppedError


@dataclasses.dataclass(frozen=True)
class Made:
    """One prepared clip. features: [frame, d] in metres; spans: rows for clips.jsonl; facts: figures for the report;
    notes: captions of it that were left out and what was repaired; told: how its file was understood."""

    features: NDArray[np.float32]
    spans: list[dict]
    facts: dict[str, float] = dataclasses.field(default_factory=dict)
    notes: tuple[str, ...] = ()
    told: str = ""


UNREADABLE = (ArithmeticError, LookupError, OSError, RuntimeError, TypeError, ValueError)
"""What a reader may raise on a file of another kind: it costs the clip, never the whole corpus."""


class Source(Protocol):
    """A corpus in its own files. It goes to worker processes, so it holds paths and settings, not open files."""

    @property
    def layout(self) -> Layout:
        """The skeleton of its clips."""

    @property
    def unit_m(self) -> float:
        """Metres that one unit of its files was."""

    @property
    def clips(self) -> tuple[CaptionedClip, ...]:
        """What it offers, in the order of the prepared folder."""

    @property
    def refused(self) -> tuple[tuple[str, str, str], ...]:
        """(source, name, reason) of what was found broken while listing."""

    @property
    def skipped(self) -> dict[str, int]:
        """Reason -> how many clips were left out on purpose."""

    def make(self, clip: CaptionedClip) -> Made:
        """Read and convert one clip; DroppedError or InputError with the reason if it must be left out."""


def attempt(source: Source, clip: CaptionedClip) -> Made | str:
    """The prepared clip, or the reason to leave it out."""
    try:
        made = source.make(clip)
    except (DroppedError, InputError) as error:
        return str(error)
    except UNREADABLE as error:
        return f"cannot be read as a motion ({type(error).__name__}: {error})"
    return made if made.spans else next(iter(made.notes), "no caption inside the clip")
