"""Where an edit happens: at the backend's 20 frames a second, in the range and some seconds beside it, whatever the clip is.

So a long clip costs no more than a short one, and a clip at another rate keeps its own frames outside the range.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np

from common import FPS
from common.motion import seam
from common.motion.motion import Motion
from common.wire.requests import CONTEXT_S

from . import arrival
from .pose import chained, held, piece, pose_of

Edit = Callable[[Motion, int, int], Motion]
"""(clip at 20 fps, start, end) -> the clip with new frames start ... end - 1; those before keep their place."""


def edited(clip: Motion, start: int, end: int, edit: Edit, follows: bool = False) -> Motion:
    """`clip` with the frames start ... end - 1 as `edit` makes them; the rest stays bit for bit.

    follows: what comes after the range moves as one to where the edit has moved it.
    """
    context = math.ceil(CONTEXT_S * clip.fps)
    first, last = max(0, start - context), min(clip.frames, end + context)
    part = piece(clip, first, last)
    at_rate = edit if clip.fps == FPS else _resampling(edit)
    new = at_rate(part, start - first, end - first)
    rotations, root = (np.array(array) for array in (clip.rotations, clip.root))
    if follows and start > 0 and end < clip.frames:
        like = new.rotations[end - first, 0].astype(np.float64), new.root[end - first].astype(np.float64)
        moved = arrival.placed(*pose_of(piece(clip, end, clip.frames)), 0, like)
        rotations[end:, 0], root[end:] = moved[0][:, 0], moved[1]
    inside = slice(start - first, end - first)
    rotations[start:end], root[start:end] = new.rotations[inside], new.root[inside]
    if clip.fps != FPS:
        rotations, root = _aligned((rotations, root), pose_of(new), (start, end, first), clip.fps)
    contacts = np.array(clip.contacts)
    contacts[start:end] = new.contacts[inside]
    return dataclasses.replace(clip, rotations=rotations, root=root, contacts=contacts, meta=new.meta).check()


def _resampling(edit: Edit) -> Edit:
    """The edit for a clip at another rate: made at 20 frames a second, given back at the clip's own."""

    def resampled(clip: Motion, start: int, end: int) -> Motion:
        spare = math.ceil(clip.fps / FPS) + 1  # resampling there and back must not run out of frames
        slow = chained(clip, held(clip, -1, spare)).resampled(FPS)
        share = FPS / clip.fps
        first, last = math.ceil(start * share), min(math.ceil(end * share), slow.frames)
        if end < clip.frames:
            last = min(last, slow.frames - 1)
        first = min(first, last - 1)
        if first == 0 and start > 0:
            first, last = 1, max(last, 2)
        back = edit(slow, first, slow.frames if end == clip.frames else last).resampled(clip.fps)
        return piece(back, 0, clip.frames)

    return resampled


def _aligned(
    joined: tuple[np.ndarray, np.ndarray], new: tuple[np.ndarray, np.ndarray], where: tuple[int, int, int], fps: float
) -> tuple[np.ndarray, np.ndarray]:
    """The borders of a resampled stretch aligned exactly; where: start, end, the clip's frame at which `new` begins."""
    start, end, first = where
    whole = joined[0].astype(np.float64), joined[1].astype(np.float64)
    reread = whole[0].copy(), whole[1].copy()
    beside = slice(max(first, start - 2), min(first + len(new[1]), end + 2))
    reread[0][beside], reread[1][beside] = (array[beside.start - first : beside.stop - first] for array in new)
    rotations, root = seam.joined(reread, whole, start, end, round(seam.FADE_S * fps))
    return rotations.astype(np.float32), root.astype(np.float32)
