"""DiCoDe's two runs at sizes of seconds: networks 32 wide, segments of 16 frames, captions without a language model."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from backend import text
from backend.dicode import language
from backend.dicode import tokenizer as deep
from training.engine.dicode_settings import DeepTokenizerSettings, DiCoDeSettings

FRAMES, TOKENS = 16, 2
_COMMON = {"batch_size": 4, "threads": 1, "log_every": 1, "save_every": 2, "eval_every": 4, "num_workers": 0}
_CUT = {"segment_frames": FRAMES, "tokens_per_segment": TOKENS, "frames_before": 4}


class Encoder:
    """Captions as constant words."""

    width = 8

    def encode(self, prompts: list[str]) -> text.TextStates:
        states = torch.stack([torch.full((3, 8), sum(prompt.encode()) % 7 / 7) for prompt in prompts])
        return states, torch.ones(len(prompts), 3, dtype=torch.bool)


@contextlib.contextmanager
def sizes() -> Iterator[None]:
    """The size `tiny` of both networks is known in here, and `Encoder` is every text encoder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "load", lambda name, device="cpu": Encoder())
        patch.setitem(deep.SIZES, "tiny", {"width": 32, "heads": 2, "encoder": 1, "decoder": 2})
        patch.setitem(language.SIZES, "tiny", {"width": 32, "heads": 2, "depth": 2})
        yield


def tokenizer_settings(root: Path, name: str, **changes: object) -> DeepTokenizerSettings:
    given = {"model": "tiny", "dims": 4, "steps": 4, **_CUT, **_COMMON} | changes
    return DeepTokenizerSettings(name=name, dataset_dir=root / "data", checkpoints_dir=root, **given)


def language_settings(root: Path, name: str, **changes: object) -> DiCoDeSettings:
    given = {"model": "tiny", "steps": 4, "segments": 4, "window": 2, **_COMMON} | changes
    return DiCoDeSettings(name=name, dataset_dir=root / "data", checkpoints_dir=root, **given)
