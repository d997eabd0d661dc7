"""Our own evaluator from a run of train_evaluator."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from common.errors import InputError
from training.engine import config
from training.engine.state import ema_weights
from training.evaluators.settings import EvaluatorSettings

from .networks import FRAMES_PER_TOKEN, Judge

MAX_FRAMES = 196
_AT_ONCE = 64


class OurEvaluator:
    """Unit vectors of `dims` numbers; see `Evaluator`."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge.eval()

    @torch.inference_mode()
    def motion(self, features: list[NDArray[np.float32]]) -> NDArray[np.float64]:
        """Embeddings [clip, dim] of features [frame, 67] in metres and radians."""
        short = [len(clip) for clip in features if len(clip) < FRAMES_PER_TOKEN]
        if short:
            raise InputError("frames of a clip", short[0], f"at least {FRAMES_PER_TOKEN}")
        return self.judge.motion.clips([clip[:MAX_FRAMES] for clip in features]).double().cpu().numpy()

    @torch.inference_mode()
    def text(self, captions: list[str]) -> NDArray[np.float64]:
        """Embeddings [caption, dim]."""
        parts = [self.judge.text(captions[start : start + _AT_ONCE]) for start in range(0, len(captions), _AT_ONCE)]
        return torch.cat(parts).double().cpu().numpy()


def untrained(settings: EvaluatorSettings, features: int) -> Judge:
    """The networks that a run's settings describe, for clips of so many features a frame."""
    return Judge(features, settings.width, settings.layers, settings.dims, settings.dropout, settings.word_dropout)


def load(folder: Path) -> OurEvaluator:
    """The averaged evaluator of a run folder."""
    weights = ema_weights(folder)
    judge = untrained(config.load(EvaluatorSettings, folder), len(weights["motion.mean"]))
    judge.load_state_dict(weights)
    return OurEvaluator(judge)
