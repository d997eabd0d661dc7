"""Piecewise cubic Hermite curves through chosen frames of a sampled function, with least-squares slopes; numpy only.

The idea of fitting few cubics under an error bound is Schneider's, "An algorithm for automatically fitting digitized curves"
(Graphics Gems, 1990); here the knots are whole frames and the curve passes through the samples there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_PRIOR = 0.02
_SWEEPS = 24


def fit(values: Array, guess: Array, keys: NDArray[np.int64]) -> tuple[Array, Array]:
    """Slopes [key, component] at `keys`, and the curve [sample, component] that they give.

    values, guess: [sample, component], the samples and a guess of their slopes. keys: [key], ascending, the first is 0.
    Several curves may stand one after the other: where two neighbouring samples both are keys, nothing passes from one
    side to the other, since a slope counts only for samples between keys.
    """
    count = len(values)
    gaps = np.diff(np.append(keys, count))
    interval = np.repeat(np.arange(len(keys)), gaps)
    h = gaps[interval].astype(np.float64)
    u = (np.arange(count) - keys[interval]) / h
    rising, leaving, arriving = u * u * (3.0 - 2.0 * u), h * u * (1.0 - u) ** 2, h * u * u * (u - 1.0)
    start = values[keys]
    end = np.append(start[1:], values[-1:], axis=0)
    chord = start[interval] + rising[:, None] * (end - start)[interval]
    slopes = _solve(guess[keys], values - chord, leaving, arriving, keys)
    after = np.append(slopes[1:], slopes[-1:], axis=0)
    return slopes, chord + leaving[:, None] * slopes[interval] + arriving[:, None] * after[interval]


def _solve(guess: Array, rest: Array, leaving: Array, arriving: Array, keys: NDArray[np.int64]) -> Array:
    """Least squares by Jacobi's sweeps: the system is tridiagonal and its diagonal outweighs the rest.

    A weak pull to the guess decides where too few samples lie between two keys.
    """

    def before(sums: Array) -> Array:
        return np.concatenate([np.zeros_like(sums[:1]), sums[:-1]])

    diagonal = np.add.reduceat(leaving**2, keys) + before(np.add.reduceat(arriving**2, keys)) + _PRIOR
    beside = np.add.reduceat(leaving * arriving, keys)[:, None]
    wanted = np.add.reduceat(leaving[:, None] * rest, keys) + before(np.add.reduceat(arriving[:, None] * rest, keys))
    wanted += _PRIOR * guess
    slopes = guess.copy()
    for _ in range(_SWEEPS):
        pull = wanted.copy()
        pull[:-1] -= beside[:-1] * slopes[1:]
        pull[1:] -= beside[:-1] * slopes[:-1]
        slopes = pull / diagonal[:, None]
    return slopes
