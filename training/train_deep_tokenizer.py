"""Train DiCoDe's deep tokenizer: `python -m training.train_deep_tokenizer --name deep --dataset_dir DIR`.

A segment of two seconds becomes four tokens, and a diffusion decoder plays them, given the frames before.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from backend.dicode.tokenizer import DeepTokenizer

from .data import dataset
from .engine.command import run
from .engine.dicode_settings import DeepTokenizerSettings, new_tokenizer
from .engine.loop import Loop, begin
from .evaluation import segments
from .objectives import deep

Batch = tuple[Tensor, Tensor]


def main(settings: DeepTokenizerSettings) -> None:
    """Train one deep tokenizer."""
    begin(settings)
    train, val = dataset.both(settings.dataset_dir, settings.need_evaluation)
    model = new_tokenizer(settings, len(train.mean))
    model.mean.copy_(torch.from_numpy(train.mean))
    model.std.copy_(torch.from_numpy(train.std))
    frames = model.frames_before + model.segment_frames

    def make_batch(rng: np.random.Generator) -> Batch:
        found = dataset.windows(train, rng, settings.batch_size, frames, settings.stretch, settings.balance)
        return torch.from_numpy(found), torch.from_numpy(rng.random(len(found)) >= settings.first_segments)

    def losses(model: DeepTokenizer, batch: Batch) -> dict[str, Tensor]:
        windows, known = batch
        return deep.losses(model, model.normalize(windows), known, settings)

    def evaluate(model: DeepTokenizer) -> dict[str, float]:
        return segments.summary(model, val, settings.decoder_steps)

    examples = sum(max(1, count - frames) for _, count in train.clips) * (2 if train.mirrored else 1)
    Loop(settings, model, make_batch, losses, evaluate, examples=examples, best="mpjpe_mm").run()


if __name__ == "__main__":
    run(main, DeepTokenizerSettings, __doc__)
