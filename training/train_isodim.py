"""Train a generator: `python -m training.train_isodim --name xs --model IsoDiM-DiT-XS --tokenizer_name high --dataset_dir DIR`.

The tokenizer run `tokenizer_name` under the same checkpoints_dir and dataset_name gives the codes. Loss on unknown real
tokens: JiT's v-loss (arXiv 2511.13720, eq. 6 with the clipped weight) or the plain x-loss, plus, with the grid head,
the cross-entropy of each dim's level.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from backend import text
from backend.diffusion import path
from backend.generators import presets
from backend.generators.isodim import IsoDiM
from backend.tokenizers.conv import ConvTokenizer

from . import config, dataset
from .captions import EncodedCaptions
from .command import run
from .loop import Loop, begin, ema_weights
from .masking import known_tokens
from .tokens import Batch, Sampler, examples
from .train_tokenizer import TokenizerSettings, untrained

_VAL_BATCHES = 8


@dataclasses.dataclass(frozen=True)
class IsoDiMSettings(config.RunSettings):
    """Settings of a generator run."""

    model: str = "IsoDiM-DiT-XS"
    tokenizer_name: str = "high"
    text_encoder: str = "minilm"
    cond_drop_prob: float = 0.1
    output: str = "grid"
    """Head: `grid` (softmax over each dim's levels) or `x` (numbers)."""
    loss: str = "v"
    """Weight of the data error: `v` (divided by (1 - t) squared) or `x` (plain)."""
    data_loss: float = 0.1
    """Share of the v- or x-loss beside the grid head's cross-entropy; the x head has this loss alone."""
    dropout: float = 0.1
    balance: float = 0.5
    """Power of an action's mass in the sampling: 1 as the data lies, 0 all actions alike."""
    composed: int = 0
    """Training examples made by joining the legs of one clip and the arms of another."""
    turned: int = 0
    """Training examples made by bending straight walks to the side."""


def losses(model: IsoDiM, batch: Batch, known: Tensor, null: Tensor, settings: IsoDiMSettings) -> dict[str, Tensor]:
    """Named losses of one batch; `known` [batch, token] tokens are shown clean, `null` [batch] rows see no prompt."""
    data = model.standardize(model.fsq.from_codes(batch.codes))
    time = path.training_times(len(data), data.device)[:, None, None]
    noise = torch.randn_like(data)
    noisy = torch.where(known[..., None], data, path.interpolate(data, noise, time))
    words, word_mask = model.words(batch.words, batch.word_mask, null)
    context = model.context(data, known, batch.mask, words, word_mask)
    output = model.denoise(noisy, time[:, 0, 0], context)
    wanted = batch.mask & ~known
    error = (model.expected(output) - data).square().mean(-1)
    if settings.loss == "v":
        error = error / (1 - time[..., 0]).clamp(min=path.NEAREST).square()
    data_loss = error[wanted].mean()
    if settings.output != "grid":
        return {"loss": data_loss, settings.loss: data_loss}
    pairs = zip(model.logits(output), batch.codes.unbind(-1), strict=True)
    entropy = torch.stack([F.cross_entropy(logits[wanted], level[wanted]) for logits, level in pairs]).mean()
    return {"loss": entropy + settings.data_loss * data_loss, "entropy": entropy, settings.loss: data_loss}


def load_tokenizer(settings: IsoDiMSettings) -> ConvTokenizer:
    """The averaged tokenizer of the run `tokenizer_name`, ready to encode."""
    folder = settings.checkpoints_dir / settings.dataset_name / settings.tokenizer_name
    theirs = config.load(TokenizerSettings, folder)
    tokenizer = untrained(theirs)
    tokenizer.load_state_dict(ema_weights(folder))
    return tokenizer.eval()


def _standardize(model: IsoDiM, sampler: Sampler) -> None:
    """Mean and std of the coordinates over the training codes."""
    codes = torch.cat([example.codes[0] for example in sampler.found])
    coordinates = model.fsq.from_codes(codes)
    model.mean.copy_(coordinates.mean(0))
    model.std.copy_(coordinates.std(0).clamp(min=1e-3))


def main(settings: IsoDiMSettings) -> None:
    """Train one generator."""
    begin(settings)
    tokenizer, encoder = load_tokenizer(settings), text.load(settings.text_encoder)
    samplers = {}
    for split in ("train", "val"):
        made = (settings.composed, settings.turned) if split == "train" else (0, 0)
        found = examples(tokenizer, dataset.load(settings.dataset_dir, split), *made)
        captions = EncodedCaptions([caption for example in found for caption in example.captions], encoder)
        samplers[split] = Sampler(found, captions, settings.balance)
        print(f"{split}: {len(found)} examples, {len(captions.states)} captions", flush=True)
    model = presets.build(settings.model, tokenizer.bottleneck.levels, encoder.width, settings.dropout, settings.output)
    _standardize(model, samplers["train"])

    def batch_losses(model: IsoDiM, rng: np.random.Generator, split: str = "train") -> dict[str, Tensor]:
        batch = samplers[split].draw(rng, settings.batch_size)
        known = known_tokens(batch.mask, rng)
        null = torch.from_numpy(rng.random(len(known)) < settings.cond_drop_prob)
        device = model.mean.device
        moved = Batch(*(getattr(batch, field.name).to(device) for field in dataclasses.fields(Batch)))
        return losses(model, moved, known.to(device), null.to(device), settings)

    def evaluate(model: IsoDiM) -> dict[str, float]:
        rows = []
        for index in range(_VAL_BATCHES):
            torch.manual_seed(index)
            rows.append(batch_losses(model, np.random.default_rng((index, 1)), "val"))
        return {name: float(np.mean([float(row[name]) for row in rows])) for name in rows[0]}

    Loop(settings, model, batch_losses, evaluate).run()


if __name__ == "__main__":
    run(main, IsoDiMSettings, __doc__)
