"""How well a generator ranks clips and captions by its own predictions (`backend.editing.rank`), on a prepared split.

`python -m training.evaluate_rank --dataset_dir DIR --checkpoint plus`: prints how often a clip's own caption beats 31
others, and how often a caption's own clip beats 31 others (fewer where the split has fewer), in pools picked by chance; 1 in 32 is .031.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backend.editing import rank
from backend.generate import Pipeline
from training.data import dataset
from training.engine.command import run
from training.engine.runs import load_pipeline
from training.evaluation.cases import Case, cases, wordings

POOL = 32


@dataclasses.dataclass(frozen=True)
class RankSettings:
    """Command line of `evaluate_rank`."""

    dataset_dir: Path
    """A folder that `prepare` wrote."""
    checkpoint: str = "plus"
    split: str = "val"
    device: str = "cpu"
    limit: int | None = None
    """Spans at most, spread over the split."""
    repeats: int = 50
    """Pools for each clip."""


def main(settings: RankSettings) -> None:
    """Prints the metrics."""
    pipeline = load_pipeline(settings.checkpoint, settings.device)
    found = cases(dataset.load(settings.dataset_dir, settings.split), flips=True, limit=settings.limit)
    words = wordings(found, np.random.default_rng(0))
    table = scores(pipeline, found, words)
    rivals = np.array([[not set(a.captions) & set(b.captions) for b in found] for a in found])
    pool = min(POOL, int(rivals.sum(axis=1).min()) + 1)
    print(f"{settings.checkpoint}, {settings.split}: {len(found)} captioned spans, half of them mirror images")
    for name, grid in (("own caption of a clip", table), ("own clip of a caption", table.T)):
        ranks = places(grid, rivals, pool, settings.repeats)
        shares = ", ".join(f"R@{k} {np.mean(ranks < k):.3f}" for k in (1, 2, 3))
        print(f"{name} among {pool}: {shares}; median place {np.median(ranks) + 1:.0f}")


def scores(pipeline: Pipeline, found: list[Case], words: list[str]) -> NDArray[np.float64]:
    """[clip, caption]: the score of every clip for every caption."""
    text = pipeline.encoder.encode(words)
    rows = []
    for case in found:
        tokens = pipeline.networks.tokenizer.encode(case.features[None])[0]
        rows.append(rank.scores(pipeline, tokens, text))
    return np.stack(rows).astype(np.float64)


def places(table: NDArray[np.float64], rivals: NDArray[np.bool_], pool: int, repeats: int) -> NDArray[np.int64]:
    """Place (0 is best) of each row's own column (the diagonal) among `pool` - 1 of its rivals, in `repeats` pools for each row.

    table: [row, column], higher is better; rivals: [row, column] bool. Equal scores count against the own one.
    """
    rng = np.random.default_rng(0)
    found = []
    for row, allowed in zip(range(len(table)), rivals, strict=True):
        for _ in range(repeats):
            others = rng.choice(np.flatnonzero(allowed), pool - 1, replace=False)
            found.append(int((table[row, others] >= table[row, row]).sum()))
    return np.array(found)


if __name__ == "__main__":
    run(main, RankSettings, __doc__)
