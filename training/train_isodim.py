"""Train a generator: `python -m training.train_isodim --name xs --model IsoDiM-DiT-XS --tokenizer_name high --dataset_dir DIR`.

Any family: `--model` decides. The tokenizer run `tokenizer_name` under the same checkpoints_dir and dataset_name gives the
codes; `training/objectives` holds the losses. With `--init` a run starts from the weights, tokenizer and statistics of a
checkpoint or of another run.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from backend import text
from backend.generators import presets
from backend.generators.token_generator import TokenGenerator
from backend.tokenizers.coder import FRAMES_PER_TOKEN
from backend.tokenizers.conv import ConvTokenizer
from common.errors import InputError

from .data import dataset
from .data.batches import to_device
from .data.captions import EncodedCaptions
from .data.example_cache import cached_examples
from .data.mix import Mix
from .data.mix import read as read_mix
from .data.tokens import Batch, BatchSampler
from .engine.command import run
from .engine.isodim_settings import IsoDiMSettings
from .engine.loop import Loop, begin
from .engine.runs import adopted, copy_trunk, load_start, new_generator, tokenizer_of
from .objectives import objective_of

_VAL_BATCHES = 8


def _standardize(model: TokenGenerator, sampler: BatchSampler) -> None:
    """Mean and std of the latents over the training examples."""
    indices = torch.cat([example.indices[0] for example in sampler.found])
    latents = model.bottleneck.from_indices(indices)
    model.mean.copy_(latents.mean(0))
    model.std.copy_(latents.std(0).clamp(min=1e-3))


def _sampler(
    settings: IsoDiMSettings, split: str, tokenizer: ConvTokenizer, encoder: text.TextEncoder, mix: Mix | None
) -> BatchSampler:
    """The batches of a split; indices and text states are kept in `cache` beside the runs."""
    cache = settings.folder.parent / "cache"
    made = (settings.composed, settings.turned, settings.stretched) if split == "train" else (0, 0, 0)
    found = cached_examples(cache, tokenizer, dataset.load(settings.dataset_dir, split), *made)
    if not found:
        raise InputError("dataset_dir", str(settings.dataset_dir), f"captioned spans in its {split} split")
    texts = [caption for example in found for caption in (*example.captions, *example.plain)]
    captions = EncodedCaptions(texts, encoder, cache)
    print(f"{split}: {len(found)} examples, {len(captions.states)} captions", flush=True)
    tokens = settings.max_motion_length // FRAMES_PER_TOKEN
    return BatchSampler(found, captions, settings.balance, tokens, settings.plain, mix if split == "train" else None)


def main(settings: IsoDiMSettings) -> None:
    """Train one generator."""
    settings = adopted(settings)
    presets.family_of(settings.model)
    begin(settings)
    mix = read_mix(settings.mix) if settings.mix else None
    data = dataset.both(settings.dataset_dir, settings.need_evaluation)[0]
    tokenizer = tokenizer_of(settings, settings.folder)
    if len(tokenizer.mean) != len(data.mean):
        allowed = f"motion of {len(tokenizer.mean)} features a frame, as its tokenizer has them, not {len(data.mean)}"
        raise InputError("dataset_dir", str(settings.dataset_dir), allowed)
    encoder = text.load(settings.text_encoder)
    model = new_generator(settings, tokenizer, encoder.width)
    if settings.init:
        model.load_state_dict(load_start(settings.init)[0].state_dict())
    elif settings.trunk:
        print(f"trunk: {copy_trunk(model, settings.trunk, tokenizer, data):.0%} of the weights", flush=True)
    splits = ("train", "val") if settings.need_evaluation else ("train",)  # from here on it takes time
    samplers = {split: _sampler(settings, split, tokenizer, encoder, mix) for split in splits}
    if model.standardizes and not settings.init:
        _standardize(model, samplers["train"])
    objective = objective_of(model)

    def make_batch(rng: np.random.Generator, split: str = "train") -> tuple[Batch, Tensor, Tensor]:
        batch = samplers[split].sample(rng, settings.batch_size)
        visible = objective.visible(batch.mask, rng)
        return batch, visible, torch.from_numpy(rng.random(len(visible)) < settings.cond_drop_prob)

    def losses(model: TokenGenerator, batch: tuple[Batch, Tensor, Tensor]) -> dict[str, Tensor]:
        return objective.losses(model, *batch, settings)

    def evaluate(model: TokenGenerator) -> dict[str, float]:
        rows = []
        for index in range(_VAL_BATCHES):
            torch.manual_seed(index)
            batch = make_batch(np.random.default_rng((index, 1)), "val")
            rows.append(losses(model, to_device(batch, model.mean.device)))
        return {name: float(np.mean([float(row[name]) for row in rows])) for name in rows[0]}

    Loop(settings, model, make_batch, losses, evaluate, examples=len(samplers["train"].found)).run()


if __name__ == "__main__":
    run(main, IsoDiMSettings, __doc__)
