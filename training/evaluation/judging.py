"""The procedure that real, reconstructed and generated motion all go through."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from backend.generators.sampling import Sampling
from training.evaluators import Evaluator
from training.evaluators.groups import caption_groups
from training.metrics.multimodality import REPEATS, multimodality

from . import physical
from .cases import Case, wordings
from .sampling import Job, MotionSampler, seed_of
from .scores import scores, summed
from .table import Row

Array = NDArray[Any]
_MULTIMODAL = 100_000
"""Puts the seeds of multimodality behind those of the cases."""


class Judging:
    """Cases, an evaluator and repeats. Captions, pools and noise depend on (seed, repeat) alone, so all rows meet the same."""

    def __init__(
        self,
        cases: list[Case],
        train: list[Case],
        evaluator: Evaluator | None,
        repeats: int,
        seed: int,
        texts: int,
        published: bool = False,
    ) -> None:
        """texts: of multimodality. published: R@k of a text's very own motion, and published intervals."""
        self.cases, self.train, self.evaluator, self.seed = cases, train, evaluator, seed
        self.repeats = repeats if evaluator is not None else 1
        self.multimodal_texts = min(texts, len(cases)) if evaluator is not None else 0
        self.published = published
        self.groups = None if published else caption_groups([case.captions for case in cases])

    def captions(self, repeat: int) -> list[str]:
        """One caption of each case, another choice in each repeat."""
        return wordings(self.cases, np.random.default_rng((self.seed, repeat)))

    @functools.cached_property
    def reference(self) -> Array:
        """Embeddings of the cases' real motion."""
        return self._embedded([case.features for case in self.cases])

    def _embedded(self, clips: Sequence[NDArray[np.float32]]) -> Array:
        assert self.evaluator is not None
        return self.evaluator.motion(list(clips))

    def _scores(self, motions: Array, repeat: int, reference: Array) -> dict[str, float]:
        assert self.evaluator is not None
        texts = self.evaluator.text(self.captions(repeat))
        rng = np.random.default_rng((self.seed, repeat, 1))
        return scores(motions, texts, reference, self.groups, rng)

    def real(self) -> list[Row]:
        """Real motion as if it had been generated; its FID is against as many motions of the training split."""
        if self.evaluator is None:
            return []
        rng = np.random.default_rng((self.seed, 2))
        count = min(len(self.cases), len(self.train))
        picks = [rng.choice(len(self.train), size=count, replace=False) for _ in range(self.repeats)]
        chosen = np.unique(picks)
        other = self._embedded([self.train[index].features for index in chosen])
        floors = [other[np.searchsorted(chosen, pick)] for pick in picks]
        rows = [self._scores(self.reference, r, floor) for r, floor in enumerate(floors)]
        return [summed("real", rows, real=True, published=self.published)]

    def real_physics(self) -> list[Row]:
        """Real motion as captured and after the finish that generated motion gets."""
        clips = [case.features for case in self.cases if not case.flipped]
        if not physical.known_of(clips):
            return []
        rows = physical.decoded("real, as captured", clips, True), physical.finished("real, finished", clips, 0.0, True)
        return list(rows)

    def reconstructed(self, sampler: MotionSampler) -> list[Row]:
        """Real motion through the generator's tokenizer and back: what a perfect generator could reach."""
        if self.evaluator is None:
            return []
        motions = self._embedded([sampler.reconstructed(case.features) for case in self.cases])
        rows = [self._scores(motions, repeat, self.reference) for repeat in range(self.repeats)]
        return [summed(f"{sampler.name}, real motion reconstructed", rows, published=self.published)]

    def generated(self, name: str, sampler: MotionSampler, sampling: Sampling) -> tuple[Row, list[Row]]:
        """A generator with one set of sampling settings: its scores over all repeats, and the first repeat's physics."""
        rows: list[dict[str, float]] = []
        first: list[NDArray[np.float32]] = []
        for repeat in tqdm(range(self.repeats), desc=name, disable=None):
            jobs = [
                Job(caption, case.tokens, seed_of(self.seed, repeat, index))
                for index, (case, caption) in enumerate(zip(self.cases, self.captions(repeat), strict=True))
            ]
            before = sampler.seconds
            clips = sampler.sample(jobs, sampling)
            seconds = (sampler.seconds - before) / len(clips)
            first = first or [clip for clip, case in zip(clips, self.cases, strict=True) if not case.flipped]
            metrics: dict[str, float] = {}
            if self.evaluator is not None:
                metrics = self._scores(self._embedded(clips), repeat, self.reference)
                metrics |= self._multimodality(sampler, sampling, repeat)
            rows.append(metrics | {"seconds per clip": seconds})
        row = summed(name, rows, published=self.published)
        if not physical.known_of(first):
            return row, []
        finished = physical.finished(f"{name}, finished", first, sampler.tokenizer.smoothing)
        return row, [physical.decoded(f"{name}, as decoded", first), finished]

    def _multimodality(self, sampler: MotionSampler, sampling: Sampling, repeat: int) -> dict[str, float]:
        if not self.multimodal_texts:
            return {}
        rng = np.random.default_rng((self.seed, repeat, 3))
        captions = self.captions(repeat)
        jobs = [
            Job(
                captions[pick],
                self.cases[pick].tokens,
                seed_of(self.seed, repeat, _MULTIMODAL + REPEATS * place + number),
            )
            for place, pick in enumerate(rng.choice(len(self.cases), size=self.multimodal_texts, replace=False))
            for number in range(REPEATS)
        ]
        motions = self._embedded(sampler.sample(jobs, sampling)).reshape(self.multimodal_texts, REPEATS, -1)
        return {"multimodality": multimodality(motions, rng)}
