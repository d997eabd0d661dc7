"""How many parameters a model of the tables has: `python -m training.sizes [--name MARDM-SiT-XL ...]`.

Networks are built without memory, so the largest is counted in a second.
"""

from __future__ import annotations

import dataclasses

import torch
from torch import nn

from backend.dicode import language
from backend.dicode import tokenizer as deep
from backend.generators import presets as generators
from backend.tokenizers import presets as tokenizers

from .engine.command import run

TEXT_WIDTH = 512
"""Numbers of a text state of CLIP ViT-B/32, which the published models read."""
_TOKENIZERS = {
    "MARDM": "AE_Model",
    "VQ-MARDM": "VQ_AE_Model",
    "T2M-HiFiGPT": "RVQ_AE_Model",
}
"""What a generator's name begins with -> the published tokenizer that it is for; the others are for FSQ."""
_FSQ = "IsoDiM_Tokenizer_High"


@dataclasses.dataclass(frozen=True)
class SizesSettings:
    """Command line of `sizes`."""

    name: tuple[str, ...] = ()
    """Models; none given: all tokenizers and generators."""


def tokenizer_of(name: str) -> str:
    """The published tokenizer that a generator is for."""
    return next((model for start, model in _TOKENIZERS.items() if name.startswith(f"{start}-")), _FSQ)


def untrained(name: str, text_width: int = TEXT_WIDTH) -> nn.Module:
    """The network of a tokenizer's or generator's name, on the device in use; InputError when there is no such name."""
    if tokenizers.full_name(name) in tokenizers.NAMES:
        return tokenizers.build(name)
    if name in deep.SIZES:
        return deep.build(name)
    if name in language.SIZES:
        tokens = deep.build(next(iter(deep.SIZES)))
        return language.build(name, tokens.bottleneck, tokens.tokens_per_segment, text_width)
    generators.family_of(name)
    return generators.build(name, tokenizers.bottleneck(tokenizer_of(name)), text_width)


def parameters(name: str, text_width: int = TEXT_WIDTH) -> int:
    """Numbers that training changes by gradients, text encoder and tokenizer apart, of a model of the tables.

    Codebooks, which learn by moving averages, do not count. InputError when there is no such name.
    """
    with torch.device("meta"):
        return sum(parameter.numel() for parameter in untrained(name, text_width).parameters())


def main(settings: SizesSettings) -> None:
    """Print a line for each model."""
    for name in settings.name or (*tokenizers.NAMES, *deep.SIZES, *generators.NAMES, *language.SIZES):
        print(f"{name:32}{parameters(name):>14,}")


if __name__ == "__main__":
    run(main, SizesSettings, __doc__)
