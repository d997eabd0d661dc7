"""Judges of generated motion: networks that put texts and motions into one space.

A new kind of evaluator is one file with a `load(folder)` and one line in `KINDS`.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from common.errors import InputError


class Evaluator(Protocol):
    """What the metrics need of an evaluator. Both embeddings share a space in which a caption lies near its motions."""

    def motion(self, features: list[NDArray[np.float32]]) -> NDArray[np.float64]:
        """Embeddings [clip, dim] of clips as essential features [frame, 67; KIT-ML 64], metres and radians, as `denormalize` gives them.

        The evaluator normalises with its own mean and std. Clips have 20 to 196 frames; longer ones are cut at 196.
        """
        ...

    def text(self, captions: list[str]) -> NDArray[np.float64]:
        """Embeddings [caption, dim]."""
        ...


KINDS = {"settings.json": "training.evaluators.ours", "finest.tar": "training.evaluators.published"}
"""The file by which a folder is recognised -> the module whose `load(folder)` reads it."""


def load(folder: Path) -> Evaluator:
    """The evaluator in a folder: a run of train_evaluator or published weights; InputError if it is neither."""
    for name, module in KINDS.items():
        if (folder / name).is_file():
            return importlib.import_module(module).load(folder)
    raise InputError("evaluator", str(folder), f"a folder with one of {', '.join(KINDS)}")
