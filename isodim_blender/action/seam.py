"""New tracks blended with an Action's own in value and speed at the borders of a range; no bpy.

A clip that was read from a rig, edited and put on the rig again is a little off what the Action plays, and a hand-made Action may
be far off. The offset of every bone's turn and place is faded inside the range (`common.motion.seam`).
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...common.motion import seam
from . import rotation_modes
from .curves import Track

Array = NDArray[np.float64]


def blended(
    tracks: Sequence[Track], old: Sequence[Array], start: int, end: int, fps: float, margins: tuple[int, int]
) -> list[Track]:
    """`tracks` with a key on every frame, borders blended; their first row is the border before `start`, if there is one.

    tracks, old: rows are the same frames; `start` ... `end` - 1 are new. old: [frame, component] per track, read at the borders
    and a frame beyond. margins: rows before and after the range that stay in the result, as they are in `old`: 1 or 0.
    A rotation's numbers begin near the old ones. Switches pass as they are.
    """
    turning = [row for row, track in enumerate(tracks) if track.mode]
    placed = [row for row, track in enumerate(tracks) if not track.mode and not track.constant]
    if not turning and not placed:
        return list(tracks)
    longest = max(1, round(seam.FADE_S * fps))
    new_values = [track.values for track in tracks]
    rotations, places = seam.joined(
        _stacked(tracks, turning, placed, new_values), _stacked(tracks, turning, placed, old), start, end, longest
    )
    kept = slice(start - margins[0], end + margins[1])
    found = dict(zip(placed, np.swapaxes(places[kept], 0, 1), strict=True))
    by_mode: dict[str, list[int]] = collections.defaultdict(list)
    for column, row in enumerate(turning):
        by_mode[tracks[row].mode].append(column)
    for mode, columns in by_mode.items():
        near = np.stack([(old if margins[0] else new_values)[turning[column]][kept.start] for column in columns])
        values = rotation_modes.from_quaternions(mode, rotations[kept][:, columns], start=near)
        found |= {turning[column]: values[:, place] for place, column in enumerate(columns)}
    for row, values in found.items():
        for margin, mine, theirs in ((margins[0], 0, kept.start), (margins[1], -1, kept.stop - 1)):
            if margin:
                values[mine] = old[row][theirs]
    return [dataclasses.replace(track, values=found.get(row, track.values)) for row, track in enumerate(tracks)]


def _stacked(
    tracks: Sequence[Track], turning: Sequence[int], placed: Sequence[int], values: Sequence[Array]
) -> tuple[Array, Array]:
    """Rotations [frame, n, 4] and places [frame, m, 3] of those rows."""
    frames = len(values[[*turning, *placed][0]])
    turns = [rotation_modes.to_quaternions(tracks[row].mode, values[row]) for row in turning]
    rotations = np.stack(turns, axis=1) if turns else np.zeros((frames, 0, 4))
    places = np.stack([values[row] for row in placed], axis=1) if placed else np.zeros((frames, 0, 3))
    return rotations, np.asarray(places, np.float64)
