"""Train a length estimator: `python -m training.train_length --name length --dataset_dir DIR`."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from backend import text
from backend.generators.length import LengthEstimator
from backend.generators.windows import MAX_TOKENS
from backend.tokenizers.coder import FRAMES_PER_TOKEN

from .data import dataset
from .data.batches import to_device
from .data.captions import EncodedCaptions, mirrored
from .engine.command import run
from .engine.length_settings import LengthSettings
from .engine.loop import Loop, begin


def targets(tokens: Tensor, smoothing: float) -> Tensor:
    """Distributions [batch, MAX_TOKENS]: a discrete Gaussian of `smoothing` tokens around each length [batch]."""
    places = torch.arange(1, MAX_TOKENS + 1, device=tokens.device)
    return (-0.5 * ((places - tokens[:, None]) / smoothing).square()).softmax(-1)


def wordings(span: dataset.Span, tokens: int) -> list[tuple[str, int, float]]:
    """(wording, `tokens`, chance) of all that tells a span or its mirror image: captions and plain phrasings half each."""
    groups = [part for part in (span.captions, span.plain) if part]
    sets = [sorted({*part, *map(mirrored, part)}) for part in groups]
    return [(wording, tokens, 1 / len(part) / len(sets)) for part in sets for wording in part]


def main(settings: LengthSettings) -> None:
    """Train one length estimator."""
    begin(settings)
    data = dataset.both(settings.dataset_dir, settings.need_evaluation)
    encoder = text.load(settings.text_encoder)
    splits = {}
    for split, prepared in zip(("train", "val"), data, strict=True):
        told = [
            wordings(span, min(span.frames, settings.max_motion_length) // FRAMES_PER_TOKEN)
            for span in prepared.spans
            if span.frames >= FRAMES_PER_TOKEN
        ]
        rows = [row for one in told for row in one]
        cache = settings.folder.parent / "cache"
        splits[split] = rows, EncodedCaptions([caption for caption, _, _ in rows], encoder, cache)
    chance = np.array([share for _, _, share in splits["train"][0]])
    chance /= chance.sum()

    def picked(picks: NDArray[np.int64], split: str) -> tuple[Tensor, Tensor, Tensor]:
        rows, captions = splits[split]
        tokens = torch.tensor([rows[pick][1] for pick in picks])
        return *captions.batch([rows[pick][0] for pick in picks]), tokens

    def make_batch(rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
        return picked(rng.choice(len(chance), size=settings.batch_size, p=chance), "train")

    def losses(model: LengthEstimator, batch: tuple[Tensor, Tensor, Tensor]) -> dict[str, Tensor]:
        states, mask, tokens = batch
        return {"loss": F.cross_entropy(model(states, mask), targets(tokens, settings.smoothing_tokens))}

    def evaluate(model: LengthEstimator) -> dict[str, float]:
        everything = picked(np.arange(len(splits["val"][0])), "val")
        return {"loss": float(losses(model, to_device(everything, next(model.parameters()).device))["loss"])}

    model = LengthEstimator(encoder.width, settings.width)
    Loop(settings, model, make_batch, losses, evaluate, examples=len(splits["train"][0])).run()


if __name__ == "__main__":
    run(main, LengthSettings, __doc__)
