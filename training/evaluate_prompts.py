"""Does a clip do what its prompt says? `python -m training.evaluate_prompts --checkpoint open --out OUT`.

Everyday concepts, each said plainly and in other words, are generated as the product generates them; a check of each
concept looks at the joints. The plain share, that of the other words, and the share of concepts that work in all wordings
(more than half of the seeds of each) are the figures to steer by. With `--out` the clips are kept: a run that was ended, or
one whose checks have changed, makes only what is missing.
"""

from __future__ import annotations

import dataclasses
import json
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from backend.device import choose
from backend.generate import Pipeline
from common.errors import InputError

from .engine import runs
from .engine.command import run
from .evaluation.table import Row, markdown, single
from .prompt_suite import checks, prompts, real
from .prompt_suite.making import Asking, Maker
from .prompt_suite.scores import Outcome, agreement, headline, judged


@dataclasses.dataclass(frozen=True)
class PromptEvaluation:
    """What to ask, and of whom."""

    checkpoint: tuple[str, ...] = ("open",)
    """Names or folders of checkpoints, or run folders; none (an empty list) judges real takes alone."""
    effort: tuple[int, ...] = (1,)
    """Drafts for each clip; several are compared."""
    seeds: int = 3
    seed: int = 0
    """The first of the seeds, which count up."""
    seconds: float | None = None
    """Length of the clips; without it as estimated, and 5 s for a run folder."""
    prompts: Path = prompts.BUNDLED
    """JSON lines with concept, plain, other."""
    only: tuple[str, ...] = ()
    """Concepts with one of these words in their name, or of just that name."""
    named_sides: bool = False
    """Only what is asked of one side, left and right: turn, wave, kick, raise, step; in plain words."""
    real: Path | None = None
    """A prepared folder, whose labelled takes go through the same checks."""
    labels: Path | None = None
    """What the takes show: JSON lines with source, clip, start_s, end_s, concepts."""
    split: tuple[str, ...] = ("val",)
    """Of the real takes."""
    device: str = "auto"
    out: Path | None = None
    """Folder for results.md, results.json and the clips; none only prints."""


NOTE = (
    "Shares of clips that pass the concept's check on their joints. `all`: 1 where more than half of the seeds pass in every "
    "wording. Real: labelled takes of the concept that pass, and takes of other concepts that do (`others`), of a named side "
    "also mirror images (`mirrored`). `met is true`: where the product says that a clip does what was asked, the share that "
    "passes; `missing is true`: where it says that something is missing, the share that fails; of the rest it cannot tell."
)


def main(settings: PromptEvaluation) -> None:
    """Makes, judges, prints and writes."""
    concepts = chosen(settings)
    takes = real_takes(settings)
    pages = [f"`{shlex.join(['python', '-m', 'training.evaluate_prompts', *sys.argv[1:]])}`", ""]
    results: dict[str, object] = {"settings": json.loads(json.dumps(dataclasses.asdict(settings), default=str))}
    outcomes: dict[str, list[Outcome]] = {}
    for where in settings.checkpoint:
        pipeline = runs.load_pipeline(where, choose(settings.device))
        for effort in settings.effort:
            name = f"{Path(where).name}, effort {effort}"
            outcomes[name] = outcomes_of(settings, pipeline, where, effort, concepts)
    beside = {concept.name: real.judge(checks.ALL[concept.name], takes) for concept in tqdm(concepts)} if takes else {}
    if outcomes:
        rows = [single(name, headline(found)) for name, found in outcomes.items()]
        asked = f"{len(concepts)} concepts, seeds {settings.seed} to {settings.seed + settings.seeds - 1}"
        pages.append(f"## Totals\n\n{markdown(asked, rows)}\n")
        results["totals"] = [row.json() for row in rows]
    table = [
        row(concept.name, {name: found[place] for name, found in outcomes.items()}, beside.get(concept.name))
        for place, concept in enumerate(concepts)
    ]
    pages.append(f"## Concepts\n\n{markdown('concept', table)}\n\n{NOTE}\n")
    results["concepts"] = [one.json() for one in table]
    results["prompts"] = {name: [asdict(outcome) for outcome in found] for name, found in outcomes.items()}
    text = "\n".join(pages)
    print(text)
    if settings.out is not None:
        settings.out.mkdir(parents=True, exist_ok=True)
        (settings.out / "results.md").write_text(text, "utf-8")
        (settings.out / "results.json").write_text(json.dumps(results, indent=1) + "\n", "utf-8")


def chosen(settings: PromptEvaluation) -> tuple[prompts.Concept, ...]:
    """The concepts to ask for; InputError for one without a check, or where none is left."""
    if settings.seeds < 1:
        raise InputError("seeds", settings.seeds, "1 or more")
    found = prompts.read(settings.prompts)
    for concept in found:
        if concept.name not in checks.ALL:
            raise InputError("concept", concept.name, f"one with a check: {', '.join(checks.ALL)}")
    if settings.named_sides:
        found = tuple(dataclasses.replace(one, other=()) for one in found if one.name in prompts.NAMED_SIDES)
    names = {one.name for one in found}
    left = tuple(
        one
        for one in found
        if not settings.only
        or any(word == one.name or (word not in names and word in one.name) for word in settings.only)
    )
    if not left:
        raise InputError(
            "only", " ".join(settings.only), f"part of a concept's name: {', '.join(one.name for one in found)}"
        )
    return left


def real_takes(settings: PromptEvaluation) -> list[real.Take]:
    """The labelled takes, if they are asked for; InputError where only one of folder and labels is named."""
    if settings.real is None and settings.labels is None:
        return []
    if settings.real is None or settings.labels is None:
        raise InputError("real", str(settings.real or settings.labels), "both --real and --labels, or neither")
    return real.read(settings.real, settings.labels, settings.split)


def outcomes_of(
    settings: PromptEvaluation, pipeline: Pipeline, where: str, effort: int, concepts: Sequence[prompts.Concept]
) -> list[Outcome]:
    """Every wording of every concept made and judged."""
    seconds = settings.seconds or runs.default_seconds(where)
    folder = settings.out / "clips" if settings.out is not None else None
    maker = Maker(pipeline, Asking(settings.seeds, settings.seed, seconds, effort), folder)
    begun, found = time.perf_counter(), []
    for concept in tqdm(concepts, mininterval=5, desc=f"{Path(where).name}, effort {effort}"):
        check = checks.ALL[concept.name]
        wordings = tuple(judged(words, check, maker.clips(words)) for words in concept.wordings)
        found.append(Outcome(concept, check.sided, wordings))
    if maker.made:
        took = time.perf_counter() - begun
        print(
            f"{maker.made} clips made in {took:.0f} s, {maker.seconds / maker.made:.2f} s each in the pipeline",
            file=sys.stderr,
        )
    return found


def row(name: str, outcomes: dict[str, Outcome], beside: real.Judged | None) -> Row:
    """A concept's line: each checkpoint's shares, the real takes' beside them."""
    figures: dict[str, float] = {}
    for which, outcome in outcomes.items():
        mark = f" ({which})" if len(outcomes) > 1 else ""
        figures |= {f"plain{mark}": outcome.plain}
        if outcome.wordings[1:]:
            figures |= {f"other{mark}": outcome.other, f"all{mark}": float(outcome.works)}
        figures |= {f"{key}{mark}": value for key, value in agreement([outcome]).items()}
    if beside is not None:
        shares = {
            "real": beside.own,
            "takes": float(beside.takes),
            "others": beside.others,
            "mirrored": beside.mirrored,
        }
        figures |= {key: value for key, value in shares.items() if value is not None}
    return single(name, figures)


def asdict(outcome: Outcome) -> dict[str, object]:
    """What results.json keeps of a concept: prompt by prompt, seed by seed."""
    return {
        "concept": outcome.concept.name,
        "wordings": [
            {"prompt": one.prompt, "obeyed": list(one.obeyed), "verdicts": list(one.verdicts)}
            for one in outcome.wordings
        ],
    }


if __name__ == "__main__":
    run(main, PromptEvaluation, __doc__)
