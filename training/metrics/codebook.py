"""How much of what a tokenizer can say it does say: codebook use and perplexity (van den Oord et al., NeurIPS 2017)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def perplexity(values: NDArray[np.integer]) -> float:
    """exp of the entropy of values [n], or of rows [n, c] taken whole: how many of them are in even use."""
    _, count = np.unique(values, axis=0, return_counts=True)
    share = count / count.sum()
    return float(np.exp(-(share * np.log(share)).sum()))


def perplexities(codes: NDArray[np.integer]) -> NDArray[np.float64]:
    """The perplexity of each number [c] of codes [n, c] by itself."""
    return np.array([perplexity(column) for column in codes.T])


def used(codes: NDArray[np.integer], levels: tuple[int, ...]) -> NDArray[np.float64]:
    """Share of its `levels[i]` values that each number [c] of codes [n, c] takes at least once."""
    seen = [len(np.unique(column)) for column in codes.T]
    return np.array(seen) / np.array(levels)


def figures(codes: NDArray[np.integer], levels: tuple[int, ...]) -> dict[str, float]:
    """Of codes [n, c]: mean share of values in use, mean perplexity of the single numbers, perplexity of whole codes.

    Nothing where `levels` is empty, because the codes are coordinates.
    """
    if not levels:
        return {}
    return {
        "use": float(used(codes, levels).mean()),
        "perplexity": float(perplexities(codes).mean()),
        "joint_perplexity": perplexity(codes),
    }
