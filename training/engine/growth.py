"""A tokenizer of more dims than the one it starts from, and a generator that follows it.

The first dims stay what they were, as far as the run's `keep_loss` holds them, and the new ones say what those could not. A
generator of the smaller tokenizer then goes on from its weights instead of from nothing: what faces the codes gets new rows
and columns beside its own.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from backend.tokenizers.conv import ConvTokenizer
from backend.tokenizers.grid import LEVELS, full_name
from training.data.dataset import Prepared

_WINDOWS, _FRAMES = 64, 64
_CHANCE = 0.5
"""Share of equal level indices above which two tokenizers speak of the same things; strangers with five levels reach a third."""


def grows(wanted: str, start: str) -> bool:
    """Whether the preset `wanted` has all dims of the preset `start`, and more behind them."""
    have, want = LEVELS.get(full_name(start), ()), LEVELS.get(full_name(wanted), ())
    return bool(have) and len(want) > len(have) and want[: len(have)] == have


def placed(own: Mapping[str, Tensor], theirs: Mapping[str, Tensor], fill: float | None) -> dict[str, Tensor]:
    """Weights of a larger network that begin with those of a smaller one: each tensor of `theirs` in the first places of ours.

    New places get `fill`, or where it is None keep what they had. Tensors that do not fit keep what they had.
    """
    made = dict(own)
    for name, value in theirs.items():
        mine = own.get(name)
        if (
            mine is None
            or mine.dim() != value.dim()
            or any(a < b for a, b in zip(mine.shape, value.shape, strict=True))
        ):
            continue
        made[name] = mine.clone()
        if fill is not None and mine.shape != value.shape:
            made[name].fill_(fill)
        made[name][tuple(slice(0, size) for size in value.shape)] = value
    return made


@torch.no_grad()
def shared_codes(small: ConvTokenizer, large: ConvTokenizer, data: Prepared) -> float:
    """Share of level indices of the smaller tokenizer's dims that both give to windows of the data; 0 if it is not the smaller."""
    dims = small.bottleneck.dims
    if large.bottleneck.levels[:dims] != small.bottleneck.levels or len(small.mean) != len(large.mean):
        return 0.0
    rng = np.random.default_rng(0)
    clips = [clip for clip in data.clips if clip[1] >= _FRAMES]
    if not clips:
        return 0.0
    chosen = [clips[index] for index in rng.integers(len(clips), size=_WINDOWS)]
    windows = torch.from_numpy(np.stack([data.window(start, _FRAMES, False) for start, _ in chosen]))
    first, second = (model.quantize(model.normalize(windows)).indices for model in (small, large))
    return float((first == second[..., :dims]).float().mean())


def speaks_the_same(small: ConvTokenizer, large: ConvTokenizer, data: Prepared) -> bool:
    """Whether the first dims of the larger tokenizer are those of the smaller one, by what they give to the data."""
    return shared_codes(small, large, data) > _CHANCE
