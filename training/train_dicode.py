"""Train a DiCoDe on a deep tokenizer's tokens: `python -m training.train_dicode --name long --tokenizer_name deep --dataset_dir DIR`.

A causal transformer learns the next token of a segment from the tokens before and the segment's caption.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from backend import text
from backend.dicode.language import DiCoDe
from backend.dicode.tokenizer import DeepTokenizer
from common.errors import InputError

from .data import dataset
from .data.batches import to_device
from .data.captions import EncodedCaptions
from .data.segments import SegmentBatch, SegmentSampler, all_captions, segmented
from .engine.command import run
from .engine.dicode_settings import DiCoDeSettings, new_language, tokenizer_of
from .engine.loop import Loop, begin
from .objectives import dicode

_VAL_BATCHES = 8
Batch = tuple[SegmentBatch, Tensor]


def _sampler(
    settings: DiCoDeSettings, tokenizer: DeepTokenizer, data: dataset.Prepared, encoder: text.TextEncoder
) -> SegmentSampler:
    """The batches of a split; latents and text states are kept in `cache` beside the runs."""
    cache = settings.folder.parent / "cache"
    found = segmented(tokenizer, data, settings.phases, cache)
    captions = EncodedCaptions(all_captions(found), encoder, cache)
    print(f"{len(found)} encoded clips, {len(captions.states)} captions", flush=True)
    return SegmentSampler(found, data, captions, settings.segments, settings.balance)


def _standardize(model: DiCoDe, sampler: SegmentSampler) -> None:
    """Mean and std of the latents over the training clips."""
    latents = torch.cat([one.latents.flatten(0, 1) for one in sampler.found])
    model.mean.copy_(latents.mean(0))
    model.std.copy_(latents.std(0).clamp(min=1e-3))


def main(settings: DiCoDeSettings) -> None:
    """Train one language model."""
    begin(settings)
    if settings.window > settings.segments:
        raise InputError("window", settings.window, f"at most {settings.segments}, the segments of a training example")
    train, val = dataset.both(settings.dataset_dir, settings.need_evaluation)
    tokenizer = tokenizer_of(settings, settings.folder)
    if len(tokenizer.mean) != len(train.mean):
        allowed = f"motion of {len(tokenizer.mean)} features a frame, as its tokenizer has them, not {len(train.mean)}"
        raise InputError("dataset_dir", str(settings.dataset_dir), allowed)
    encoder = text.load(settings.text_encoder)
    model = new_language(settings, tokenizer, encoder.width)
    samplers = {"train": _sampler(settings, tokenizer, train, encoder)}
    if settings.need_evaluation:
        samplers["val"] = _sampler(settings, tokenizer, val, encoder)
    _standardize(model, samplers["train"])

    def make_batch(rng: np.random.Generator, split: str = "train") -> Batch:
        batch = samplers[split].sample(rng, settings.batch_size)
        return batch, torch.from_numpy(rng.random(settings.batch_size) < settings.cond_drop_prob)

    def losses(model: DiCoDe, batch: Batch) -> dict[str, Tensor]:
        return dicode.losses(model, *batch, settings.input_noise)

    def evaluate(model: DiCoDe) -> dict[str, float]:
        rows = []
        for index in range(_VAL_BATCHES):
            batch, _ = to_device(make_batch(np.random.default_rng((index, 1)), "val"), model.mean.device)
            hidden = [torch.full_like(batch.mask[:, 0], value) for value in (False, True)]
            rows.append([float(dicode.losses(model, batch, null, 0.0)["loss"]) for null in hidden])
        return dict(zip(("loss", "untold"), np.mean(rows, axis=0).tolist(), strict=True))

    Loop(settings, model, make_batch, losses, evaluate, examples=len(samplers["train"].found)).run()


if __name__ == "__main__":
    run(main, DiCoDeSettings, __doc__)
