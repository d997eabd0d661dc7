"""Clips as the segments of a deep tokenizer, with the captions of each: what a DiCoDe reads and writes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from backend.dicode.tokenizer import DeepTokenizer

from .cache import digest, kept
from .captions import EncodedCaptions, mirrored
from .dataset import Prepared, Span, at_rest, balanced_chance

_VERSION = "1"
"""Part of every key: raise it when the same tokenizer and data make other latents than before."""
_AT_ONCE = 256


@dataclasses.dataclass(frozen=True)
class SegmentedClip:
    """One clip, encoded from one frame on, or its mirror image. latents [segment, token, d]; of each segment its captions, none
    where nobody described it; the clip's place in its split."""

    clip: int
    latents: Tensor
    captions: tuple[tuple[str, ...], ...]


@dataclasses.dataclass(frozen=True)
class SegmentBatch:
    """Rows of segments, padded. latents [batch, segment, token, d]; mask, told [batch, segment]: real ones, described ones; text
    [batch, segment, piece, width] and its mask."""

    latents: Tensor
    mask: Tensor
    told: Tensor
    text: Tensor
    text_mask: Tensor


@dataclasses.dataclass(frozen=True)
class _Cut:
    """A stretch of whole segments: absolute start, frames that the clip has of them, how many segments, mirrored or not."""

    clip: int
    start: int
    frames: int
    segments: int
    mirrored: bool


def segmented(tokenizer: DeepTokenizer, data: Prepared, phases: int, cache: Path) -> list[SegmentedClip]:
    """Every clip, and its mirror image where the data has such, encoded from up to `phases` evenly spread frames on.

    A clip shorter than a segment is held at its end; what follows a longer clip's last whole segment is left out. Latents are
    kept in `cache`.
    """
    cuts = list(_cuts(data, tokenizer.segment_frames, phases))
    weights = [part for name, value in sorted(tokenizer.state_dict().items()) for part in (name, value)]
    key = digest(_VERSION, repr(tokenizer.config), repr(cuts), np.asarray(data.features), *weights)
    latents = kept(cache, "segments", key, lambda: {"latents": _encoded(tokenizer, data, cuts)})["latents"]
    spans: dict[int, list[Span]] = {}
    for span in data.spans:
        spans.setdefault(span.clip, []).append(span)
    return [
        SegmentedClip(cut.clip, part, _captions(cut, spans.get(cut.clip, []), tokenizer.segment_frames))
        for cut, part in zip(cuts, latents.split([cut.segments for cut in cuts]), strict=True)
    ]


def _cuts(data: Prepared, frames: int, phases: int) -> Iterator[_Cut]:
    for clip, (start, count) in enumerate(data.clips):
        offsets = {round(phase * frames / phases) for phase in range(phases)}
        for offset in sorted(offsets):
            segments = (count - offset) // frames
            if offset and not segments:
                continue
            for side in (False, True) if data.mirrored else (False,):
                yield _Cut(clip, start + offset, min(count - offset, max(1, segments) * frames), max(1, segments), side)


@torch.inference_mode()
def _encoded(tokenizer: DeepTokenizer, data: Prepared, cuts: list[_Cut]) -> Tensor:
    """Latents [segment, token, d] of all cuts, one after the other."""
    found: list[Tensor] = []
    waiting: list[NDArray[np.float32]] = []

    def flush() -> None:
        batch = torch.from_numpy(np.stack(waiting)).to(tokenizer.mean)
        found.append(tokenizer.encode(tokenizer.normalize(batch)).float().cpu())
        waiting.clear()

    for cut in cuts:
        motion = at_rest(data.window(cut.start, cut.frames, cut.mirrored), cut.segments * tokenizer.segment_frames)
        for segment in np.split(motion, cut.segments):
            waiting.append(segment)
            if len(waiting) == _AT_ONCE:
                flush()
    if waiting:
        flush()
    return torch.cat(found)


def _captions(cut: _Cut, spans: Iterable[Span], frames: int) -> tuple[tuple[str, ...], ...]:
    """The captions and short phrasings, of each segment, of the spans that hold most of it or lie within it most."""
    rows = []
    for first in range(cut.start, cut.start + cut.segments * frames, frames):
        told: list[str] = []
        for span in spans:
            shared = min(first + frames, span.start + span.frames) - max(first, span.start)
            if 2 * shared > min(frames, span.frames):
                told += [*span.captions, *span.plain]
        rows.append(tuple(map(mirrored, told)) if cut.mirrored else tuple(told))
    return tuple(rows)


class SegmentSampler:
    """Batches of segments with captions: clips by the square root of their lengths, and a caption anew for each new row."""

    def __init__(
        self, found: list[SegmentedClip], data: Prepared, captions: EncodedCaptions, most: int, balance: float
    ) -> None:
        """`most` segments a row has; balance as in `dataset.balanced_chance`."""
        self.found, self.captions, self.most = found, captions, most
        lengths = np.array([len(one.latents) for one in found], float)
        self.chance = balanced_chance(lengths, [data.actions[one.clip] for one in found], balance)

    def sample(self, rng: np.random.Generator, size: int) -> SegmentBatch:
        """One batch."""
        rows, told, words = [], [], []
        for pick in rng.choice(len(self.found), size=size, p=self.chance):
            one = self.found[pick]
            count = min(len(one.latents), self.most)
            begin = int(rng.integers(len(one.latents) - count + 1))
            rows.append(one.latents[begin : begin + count])
            chosen = _chosen(one.captions[begin : begin + count], rng)
            told.append(torch.tensor([caption != "" for caption in chosen]))
            words += chosen + [""] * (self.most - count)
        latents = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
        longest = latents.shape[1]
        counts = torch.tensor([len(row) for row in rows])
        states, mask = (part.unflatten(0, (size, self.most))[:, :longest] for part in self.captions.batch(words))
        known = torch.nn.utils.rnn.pad_sequence(told, batch_first=True)
        return SegmentBatch(latents, torch.arange(longest) < counts[:, None], known, states, mask)


def _chosen(captions: tuple[tuple[str, ...], ...], rng: np.random.Generator) -> list[str]:
    """A caption for each segment, the same one as long as the choice is the same; "" where there is none."""
    found: list[str] = []
    for place, choice in enumerate(captions):
        if place and choice == captions[place - 1]:
            found.append(found[-1])
        else:
            found.append(choice[int(rng.integers(len(choice)))] if choice else "")
    return found


def all_captions(found: Iterable[SegmentedClip]) -> list[str]:
    """Every caption once, and the empty one."""
    return sorted({caption for one in found for choice in one.captions for caption in choice} | {""})
