"""Train our own text-motion evaluator: `python -m training.train_evaluator --name judge --dataset_dir DIR`.

Two encoders meet in a symmetric InfoNCE (van den Oord et al., 2018; Radford et al., 2021) over a batch. The text side is
trained from nothing, not on the frozen states that generators read: a judge that shares the generator's reading of words
would share its mistakes. Motions whose captions mean the same are no negatives of each other.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from common.errors import InputError

from .data import dataset
from .data.captions import mirrored
from .data.statistics import feature_statistics
from .engine.command import run
from .engine.loop import Loop, begin
from .evaluators.groups import caption_groups
from .evaluators.networks import Judge
from .evaluators.ours import OurEvaluator, untrained
from .evaluators.settings import EvaluatorSettings
from .metrics.r_precision import r_precision

_MIN_FRAMES = 20
_SHUFFLES = 20


@dataclasses.dataclass(frozen=True)
class Pairs:
    """Spans of one split; plain and mirrored captions, and the meaning of each [2, span]."""

    data: dataset.Prepared
    spans: tuple[dataset.Span, ...]
    captions: tuple[tuple[tuple[str, ...], ...], ...]
    groups: NDArray[np.int64]

    @classmethod
    def of(cls, data: dataset.Prepared) -> Pairs:
        """All spans of at least 20 frames and their mirror images."""
        spans = tuple(span for span in data.spans if span.frames >= _MIN_FRAMES)
        plain = tuple(span.captions for span in spans)
        flipped = tuple(tuple(mirrored(caption) for caption in captions) for captions in plain)
        return cls(data, spans, (plain, flipped), caption_groups([*plain, *flipped]).reshape(2, -1))


def contrast(logits: Tensor, groups: Tensor) -> Tensor:
    """Symmetric InfoNCE of logits [motion, text]; pairs of one group [motion] beside the diagonal are left out."""
    same = groups[:, None] == groups[None]
    same.fill_diagonal_(False)
    kept = logits.float().masked_fill(same, float("-inf"))
    right = torch.arange(len(logits), device=logits.device)
    return (F.cross_entropy(kept, right) + F.cross_entropy(kept.T, right)) / 2


def crop(features: NDArray[np.float32], free: bool, longest: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """A motion [frame, 67] cut to `longest`; where any part fits the words (`free`), often a random part of it."""
    count = min(len(features), longest)
    if free and rng.random() < 0.5:
        count = int(rng.integers(min(count, 2 * _MIN_FRAMES), count + 1))
    start = int(rng.integers(len(features) - count + 1)) if free else 0
    return features[start : start + count]


def make_batch(
    pairs: Pairs, chance: NDArray[np.float64], settings: EvaluatorSettings, rng: np.random.Generator
) -> tuple[list[NDArray[np.float32]], list[str], Tensor]:
    """Motions, captions and meanings [batch] of one batch, half of it mirrored."""
    motions, captions, groups = [], [], []
    for index in rng.choice(len(chance), size=settings.batch_size, p=chance):
        span, flip = pairs.spans[index], int(rng.integers(2))
        motion = pairs.data.window(span.start, span.frames, bool(flip))
        if settings.stretch:
            pace = float(np.exp(rng.uniform(-settings.stretch, settings.stretch)))
            motion = dataset.played(motion, pace)
        motions.append(crop(motion, span.any_crop_fits, settings.max_motion_length, rng))
        wordings = pairs.captions[flip][index]
        captions.append(wordings[int(rng.integers(len(wordings)))])
        groups.append(pairs.groups[flip, index])
    return motions, captions, torch.tensor(groups)


def main(settings: EvaluatorSettings) -> None:
    """Train one evaluator."""
    begin(settings)
    train, val = (Pairs.of(data) for data in dataset.both(settings.dataset_dir, settings.need_evaluation))
    for pairs, split in ((train, "train"), (val, "val")):
        if not pairs.spans and (split == "train" or settings.need_evaluation):
            allowed = f"captioned spans of {_MIN_FRAMES} frames or more in its {split} split"
            raise InputError("dataset_dir", str(settings.dataset_dir), allowed)
    chance = dataset.balanced_chance(np.ones(len(train.spans)), [str(g) for g in train.groups[0]], settings.balance)
    model = untrained(settings, len(train.data.mean))
    frames = np.concatenate([train.data.window(*clip, False) for clip in train.data.clips])
    for buffer, values in zip((model.motion.mean, model.motion.std), feature_statistics(frames), strict=True):
        buffer.copy_(torch.from_numpy(values))

    def losses(model: Judge, batch: tuple[list[NDArray[np.float32]], list[str], Tensor]) -> dict[str, Tensor]:
        motions, captions, groups = batch
        logits = model.logits(model.motion.clips(motions), model.text(captions))
        return {"loss": contrast(logits, groups), "scale": model.log_scale.exp()}

    def evaluate(model: Judge) -> dict[str, float]:
        judge, rng = OurEvaluator(model), np.random.default_rng(0)
        motions = judge.motion([val.data.window(span.start, span.frames, False) for span in val.spans])
        texts = judge.text([span.captions[0] for span in val.spans])
        rows = [
            [r_precision(motions, texts, rng, groups=groups) for _ in range(_SHUFFLES)]
            for groups in (val.groups[0], None)
        ]
        ours, strict = np.mean(rows, axis=1)
        return {f"r{k + 1}": float(value) for k, value in enumerate(ours)} | {"r3_strict": float(strict[-1])}

    Loop(
        settings,
        model,
        lambda rng: make_batch(train, chance, settings, rng),
        losses,
        evaluate,
        examples=len(train.spans) * (2 if train.data.mirrored else 1),
    ).run()


if __name__ == "__main__":
    run(main, EvaluatorSettings, __doc__)
