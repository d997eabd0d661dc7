"""Frechet distance of two clouds of embeddings (Heusel et al., NeurIPS 2017, eq. 6): FID with a motion evaluator's features."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from common.errors import InputError

Array = NDArray[Any]


def fid(real: Array, made: Array) -> float:
    """Frechet distance of the Gaussians fitted to embeddings [clip, dim], two clips or more each; 0 for equal clouds.

    With about as few clips as dims the metric is biased upwards: compare it only with metrics from as many clips.
    """
    for name, rows in (("real", real), ("made", made)):
        if len(rows) < 2:
            raise InputError(f"{name} clips for FID", len(rows), "at least 2")
    return frechet_distance(*_gaussian(real), *_gaussian(made))


def _gaussian(rows: Array) -> tuple[Array, Array]:
    rows = np.asarray(rows, np.float64)
    return rows.mean(axis=0), np.atleast_2d(np.cov(rows, rowvar=False))


def frechet_distance(mean_a: Array, cov_a: Array, mean_b: Array, cov_b: Array) -> float:
    """|a - b|^2 + tr(A) + tr(B) - 2 tr((A B)^1/2) of means [dim] and covariances [dim, dim].

    A B and A^1/2 B A^1/2 have the same eigenvalues, and the latter is symmetric: its eigenvalues are real and, but for
    rounding, not negative even when the covariances have no full rank, where a matrix square root of A B fails.
    """
    values, vectors = np.linalg.eigh(cov_a)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    between = np.linalg.eigvalsh(root @ cov_b @ root)
    shared = np.sqrt(np.maximum(between, 0.0)).sum()
    distance = np.square(mean_a - mean_b).sum() + np.trace(cov_a) + np.trace(cov_b) - 2.0 * shared
    return float(max(0.0, distance))
