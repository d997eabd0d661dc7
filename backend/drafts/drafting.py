"""Draft, verify, keep: several drafts of a clip in one batch, held against what the sentence asks for, the best one kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.generators.sampling import Sampling
from backend.generators.windows import MAX_TOKENS
from backend.motion.features import features_to_joints
from backend.tokenizers.coder import FRAMES_PER_TOKEN, Array, Coder
from common.motion.motion import Motion

from . import lexicon
from .facts import Facts
from .finding import Finder
from .library import Library
from .requirements import Reader, Wanted
from .series import RATE

EFFORT, BLIND_EFFORT = 6, 3
"""Drafts of a clip where none are asked for, with a motion library and without: blind ones take twice the steps."""
TIMES = (0.85, 0.9, 0.7)
"""Times to which found takes are noised, draft after draft: the later, the more of the take is left. On actions that are easily lost
(folded arms, hops, punches) these do .58 and .60 of plain and other prompts, .5, .7 and .3 only .29 and .51."""
STEPS_SHARE = 0.5
"""Of a blind draft's sampling steps, those that a draft takes which begins from a take."""
_UNCHANGED_M = 0.02
"""Mean distance of the joints up to which a draft is a recorded take: less than the tokenizer's own error."""


@dataclasses.dataclass(frozen=True)
class Starts:
    """What drafts begin from: latents [row, token, d] of found takes, the time [row] to which they are noised; of each row
    the takes and their features [frame, 67], cut to measure."""

    latents: Array
    begin: Array
    takes: tuple[tuple[int, ...], ...]
    features: NDArray[np.float32]


def steps(sampling: Sampling, *, blind: bool) -> Sampling:
    """How drafts are sampled: those that begin from takes need but a share of the steps."""
    if blind:
        return sampling
    return dataclasses.replace(sampling, steps=max(1, round(sampling.steps * STEPS_SHARE)))


@dataclasses.dataclass(frozen=True)
class Kept:
    """The draft of a clip that was kept: its row in the batch, and the verdict for `Motion.meta`."""

    row: int
    verdict: dict[str, object]


class Drafter:
    """Plans and judges the drafts of one checkpoint."""

    def __init__(self, tokenizer: Coder, reader: Reader, takes: Library | None) -> None:
        self.tokenizer, self.reader = tokenizer, reader
        self.finder = None if takes is None else Finder(takes, tokenizer)
        self._read: dict[str, Wanted] = {}

    @property
    def effort(self) -> int:
        """Drafts of a clip where none are asked for."""
        return BLIND_EFFORT if self.finder is None else EFFORT

    def wanted(self, prompt: str) -> Wanted:
        """What a prompt asks for, kept for its next clip."""
        if prompt not in self._read:
            if len(self._read) > 256:
                self._read.clear()
            self._read[prompt] = self.reader.read(prompt)
        return self._read[prompt]

    def seconds(self, prompt: str) -> float | None:
        """How long the takes are that a prompt finds, 2 to 9.8 s; None where it finds none."""
        frames = None if self.finder is None else self.finder.natural_frames(self.wanted(prompt))
        return None if frames is None else min(max(frames / RATE, 2.0), MAX_TOKENS * FRAMES_PER_TOKEN / RATE)

    def starts(self, prompt: str, tokens: int, seeds: Sequence[int], effort: int) -> Starts | None:
        """What `effort` drafts of each clip, `tokens` long, begin from; None where no take is found and they are blind."""
        if self.finder is None:
            return None
        wanted, found = self.wanted(prompt), []
        for seed in seeds:
            own = self.finder.starts(wanted, tokens * FRAMES_PER_TOKEN, seed, effort)
            if not own:
                return None
            found += [own[number % len(own)] for number in range(effort)]
        features = np.stack([start.features for start in found])
        latents = self.tokenizer.encode(features)
        times = [TIMES[number % len(TIMES)] for _ in seeds for number in range(effort)]
        return Starts(latents, np.array(times, np.float32), tuple(start.takes for start in found), features)

    def kept(
        self, prompt: str, joints: Sequence[NDArray[np.floating]], effort: int, starts: Starts | None
    ) -> list[Kept]:
        """Of each clip's `effort` drafts the one that does most of what is asked.

        Of equal ones the first, whose take was the nearest. joints: of each row [frame, 22, 3], m, at 20 frames a second.
        """
        kept = []
        for first in range(0, len(joints), effort):
            facts = [Facts.of(one) for one in joints[first : first + effort]]
            values = self.values(prompt, facts)
            best = int(np.argmax(values))
            row = first + best
            verdict = self.verdict(prompt, facts[best], () if starts is None else starts.takes[row])
            recorded = starts is not None and unchanged(joints[row], starts.features[row])
            more = {"drafts": values, "recorded": verdict["takes"][0] if recorded else None}
            kept.append(Kept(row, verdict | more))
        return kept

    def values(self, prompt: str, facts: Sequence[Facts]) -> list[float]:
        """0..1 for each draft: how far it does what is asked, to three places, so that hardly better is no better."""
        return [round(float(self.wanted(prompt).value(one)), 3) for one in facts]

    def verdict(self, prompt: str, facts: Facts, took: Sequence[int] = ()) -> dict[str, Any]:
        """What is said of a clip, for `Motion.meta`: JSON-able.

        met: whether it does all that is asked; None where that cannot be told, as of a sentence that is not understood. done,
        missing: what it does and what not, in words. mark: 0..1. closest: the actions that a sentence which is not understood
        was taken for, else None. takes: names of the recorded takes that it began from.
        """
        wanted = self.wanted(prompt)
        verdict = wanted.verdict(facts)
        return {
            "met": verdict.met,
            "done": verdict.done,
            "missing": verdict.missing,
            "mark": self.values(prompt, [facts])[0],
            "closest": None if wanted.known else wanted.closest,
            "takes": [self._name(take) for take in took],
        }

    def finished(self, prompt: str, kept: Kept, clip: Motion) -> Motion:
        """A kept draft that has been finished, with its verdict: limbs of constant length reach elsewhere than decoded ones."""
        found = self.wanted(prompt).verdict(Facts.of(clip.positions))
        said = {"met": found.met, "done": found.done, "missing": found.missing}
        return dataclasses.replace(clip, meta=clip.meta | {"verdict": kept.verdict | said})

    def _name(self, take: int) -> str:
        return "" if self.finder is None else self.finder.library.names[take]


def unchanged(joints: NDArray[np.floating], features: NDArray[np.float32]) -> bool:
    """Whether a draft [frame, 22, 3] m is the take that it began from: its body as it was, wherever it stands."""
    take = features_to_joints(features)[: len(joints)]
    apart = (joints - joints[:, :1]) - (take - take[:, :1])
    return bool(np.linalg.norm(apart, axis=-1).mean() < _UNCHANGED_M)


def drafter(tokenizer: Coder, takes: Library | None, reader: lexicon.Encoder) -> Drafter:
    """The drafter of a checkpoint; `reader` makes the lexicon's sentence vectors."""
    return Drafter(tokenizer, Reader(lexicon.load(), lambda texts, words: lexicon.encoded(reader, texts, words)), takes)
