"""Judge generators beside real motion: `python -m training.evaluate_isodim --generator RUN_OR_CHECKPOINT --dataset_dir DIR`.

For every captioned span of the split (and its mirror image) each generator samples a clip of the same length. An evaluator
scores how they stand to their texts and to real motion; metrics of physics need none. Real motion goes through the same
procedure and stands in the same tables: it is the aim, and nothing above it is progress.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from pathlib import Path

from backend.device import choose
from backend.generators.sampling import Sampling
from backend.motion.layout import Layout, require_canonical
from common.errors import InputError
from common.files import require_folder

from . import evaluators
from .data import dataset
from .data.sources.published import CORPORA
from .engine.command import run
from .evaluation import prompts, sides
from .evaluation.cases import MIN_FRAMES, cases
from .evaluation.curves import labels
from .evaluation.judging import Judging
from .evaluation.report import EvaluationReport
from .evaluation.sampling import MotionSampler


@dataclasses.dataclass(frozen=True)
class IsoDiMEvaluation:
    """What to judge and how. Several values of a sampling setting are tried in all combinations, one row each."""

    generator: tuple[str, ...]
    """Run folders, exported checkpoints' folders or bundled checkpoints' names."""
    dataset_dir: Path
    split: str = ""
    """val, and test by the published protocol, unless given."""
    evaluator: Path | None = None
    """Folder of a trained evaluator; without it only the metrics of physics are made."""
    repeats: int = 20
    """20 for a table, 1 for a quick look without intervals."""
    steps: tuple[int, ...] = ()
    """Diffusion steps; like the settings below, the checkpoint's own unless given."""
    guidance: tuple[float, ...] = ()
    mar_steps: tuple[int, ...] = ()
    solver: tuple[str, ...] = ()
    snap: tuple[str, ...] = ()
    mirror: bool = True
    """Judge the mirror images of the spans too; their captions name the other side."""
    limit: int | None = None
    """Spans at most, spread over the split."""
    multimodal_texts: int = 10
    """Texts for multimodality, 30 clips each in every repeat; 0 leaves it out."""
    sides: bool = False
    """Also ten seeds each of prompts that name a side, and of ten everyday prompts in two wordings."""
    seed: int = 0
    published: bool = False
    """The published protocol: test split unless `split` says otherwise, spans of 40 frames (KIT-ML: 24) and more, R@1 to 3 of a
    text's very own motion, 1.96 s / sqrt(n)."""
    device: str = "auto"
    out: Path | None = None
    """Folder for results.json, results.md and pictures; none only prints."""


MIRRORED = ", half of them mirrored"
SPEED = "Seconds per clip are those of sampling and decoding in batches."
NOTES = (
    "FID of generated and reconstructed motion is against the real spans; that of real motion against as many spans of the "
    "training split, another sample in each repeat: the floor for so few clips, which only motion that shares captions and "
    "lengths with the reference, as the others do, can go below. Reconstructed: through the tokenizer and back. R@k: a text "
    "finds a motion of its meaning among the nearest k of 32; `own`: its very own, as published. ± is the 95 % interval over "
    f"repeats. {SPEED}"
)
PUBLISHED_NOTES = (
    "The published protocol: R@k is the share of texts whose very own motion is among the nearest k of 32, ± 1.96 s / sqrt(n) over "
    "repeats, FID against all real spans of the split. The crop of a span is always its beginning, where published loaders take "
    f"a random one and toss a coin for four frames less. {SPEED}"
)
PHYSICS = (
    "Means over the unmirrored spans of one repeat. As decoded: what the network gives. Finished: after the solve and the "
    "foot clean-up, as an animator gets it."
)
SIDES = (
    "Shares of clips. Turning is the heading's change by more than 15 degrees; waving is the wrist that is clearly higher "
    "and also moves more. Real: captured motion, plain and mirrored, whose first caption says the same."
)
SEEDS = "ten seeds of 4 s each"
PROMPTS = "Finished clips. `nearest of ten`: share of clips to which the evaluator finds their prompt nearest."
GRID = ("steps", "guidance", "mar_steps", "solver", "snap")


def variants(settings: IsoDiMEvaluation, default: Sampling) -> Iterator[tuple[str, Sampling]]:
    """All combinations of the sampling settings that were given, and what tells them apart."""
    given = {name: getattr(settings, name) or (getattr(default, name),) for name in GRID}
    varied = [name for name in GRID if len(getattr(settings, name)) > 1]
    for values in itertools.product(*given.values()):
        chosen = dict(zip(given, values, strict=True))
        words = ", ".join(f"{name} {chosen[name]}" for name in varied)
        yield words, dataclasses.replace(default, **chosen)


def main(settings: IsoDiMEvaluation) -> None:
    """Print the tables; write them, their numbers and pictures to `out`."""
    if settings.out is not None:
        require_folder("out", settings.out)
    if not settings.generator:
        raise InputError("generator", "", "at least one run folder or checkpoint")
    for name in ("repeats", "limit"):
        if (value := getattr(settings, name)) is not None and value < 1:
            raise InputError(name, value, "1 or more")
    device = choose(settings.device)
    split = settings.split or ("test" if settings.published else "val")
    train, data = (dataset.load(settings.dataset_dir, one) for one in ("train", split))
    if settings.sides:
        require_canonical(len(data.layout.joints))
    evaluator = evaluators.load(settings.evaluator) if settings.evaluator is not None else None
    samplers = named_samplers(settings.generator, device)
    shortest = published_shortest(data.layout) if settings.published else MIN_FRAMES
    found = cases(data, flips=settings.mirror, limit=settings.limit, shortest=shortest)
    compared = cases(train, flips=settings.mirror, shortest=shortest) if evaluator is not None else []
    judging = Judging(
        found, compared, evaluator, settings.repeats, settings.seed, settings.multimodal_texts, settings.published
    )
    judged, physical = judging.real(), judging.real_physics()
    tried: list[tuple[str, MotionSampler, Sampling]] = []
    for sampler in samplers:
        judged += judging.reconstructed(sampler)
        for words, sampling in variants(settings, sampler.sampling):
            tried.append((f"{sampler.name}, {words}" if words else sampler.name, sampler, sampling))
            row, measured = judging.generated(*tried[-1])
            judged, physical = [*judged, row], physical + measured
    report = EvaluationReport(settings, settings.out)
    subject = f"{len(found)} {split} spans{MIRRORED if settings.mirror else ''}"
    notes = PUBLISHED_NOTES if settings.published else NOTES
    report.add("Texts and motions", subject, judged, notes if evaluator is not None else SPEED)
    if physical:  # KIT-ML's skeleton has none
        report.add("Physics", f"{sum(not case.flipped for case in found)} {split} spans", physical, PHYSICS)
    if settings.sides:
        report.add("Sides", SEEDS, sides.rows(tried, (train, data)), SIDES)
        for other_words, title in ((False, "Ten prompts"), (True, "Ten prompts in other words")):
            report.add(title, SEEDS, prompts.rows(tried, evaluator, other_words=other_words), PROMPTS)


def published_shortest(layout: Layout) -> int:
    """Frames below which the published loaders leave a span of that skeleton out."""
    return next(corpus.shortest for corpus in CORPORA.values() if corpus.layout is layout)


def named_samplers(where: tuple[str, ...], device: str) -> list[MotionSampler]:
    """The generators, under names that tell them apart."""
    samplers = [MotionSampler.load(one, device) for one in where]
    for sampler, name in zip(samplers, labels([Path(one) for one in where]), strict=True):
        sampler.name = name
    return samplers


if __name__ == "__main__":
    run(main, IsoDiMEvaluation, __doc__)
