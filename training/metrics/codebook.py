"""How much of what a tokenizer can say it does say: codebook use and perplexity (van den Oord et al., NeurIPS 2017)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def perplexity(values: NDArray[np.integer]) -> float:
    """exp of the entropy of values [n], or of rows [n, c] taken whole: how many of them are in even use."""
    _, count = np.unique(values, axis=0, return_counts=True)
    share = count / count.sum()
    return float(np.exp(-(share * np.log(share)).sum()))


def perplexities(indices: NDArray[np.integer]) -> NDArray[np.float64]:
    """The perplexity of each index [c] of indices [n, c] by itself."""
    return np.array([perplexity(column) for column in indices.T])


def used(indices: NDArray[np.integer], levels: tuple[int, ...]) -> NDArray[np.float64]:
    """Share of its `levels[i]` values that each index [c] of indices [n, c] takes at least once."""
    seen = [len(np.unique(column)) for column in indices.T]
    return np.array(seen) / np.array(levels)


def metrics(indices: NDArray[np.integer], levels: tuple[int, ...]) -> dict[str, float]:
    """Of indices [n, c]: mean share of values in use, mean perplexity of the single numbers, perplexity of whole codes.

    Nothing where `levels` is empty, because there the indices are latents.
    """
    if not levels:
        return {}
    return {
        "use": float(used(indices, levels).mean()),
        "perplexity": float(perplexities(indices).mean()),
        "joint_perplexity": perplexity(indices),
    }
