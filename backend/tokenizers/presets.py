"""Tokenizers by name. A new FSQ size is one line in `grid.py`'s `LEVELS`, another kind of bottleneck one line in `OTHERS`."""

from __future__ import annotations

from collections.abc import Callable

from backend.motion.jitter import NEIGHBOUR
from common.errors import InputError

from .bottleneck import Bottleneck
from .continuous import Continuous
from .conv import ConvTokenizer
from .fsq import FSQ
from .grid import LEVELS, full_name
from .rvq import RVQ
from .vq import VQ

FEATURES = 67
LATENT = 512
"""Published numbers a token of the tokenizers without FSQ."""

SIZE, DEPTH = 512, 6
"""Published codebook's vectors, and the codes of a token of a residual VQ."""

OTHERS: dict[str, Callable[[int, int, int], Bottleneck]] = {
    "AE_Model": lambda latent, size, depth: Continuous(latent),
    "IsoDiM_Tokenizer_Continuous": lambda latent, size, depth: Continuous(latent),
    "VQ_AE_Model": lambda latent, size, depth: VQ(latent, size),
    "RVQ_AE_Model": RVQ,
}
"""Made from the numbers a token has, the vectors of its codebook, and the codes of a token."""

PUBLISHED = ("AE_Model",)
"""Of these encoder and decoder are the released ones to the last parameter; the others share ours, so that they compare."""

NAMES = (*LEVELS, *OTHERS)


def is_fsq(name: str) -> bool:
    """Whether the preset's bottleneck is FSQ, whose levels alone say how many numbers a token has."""
    return full_name(name) in LEVELS


def bottleneck(name: str, latent: int = LATENT, size: int = SIZE, depth: int = DEPTH) -> Bottleneck:
    """The untrained bottleneck of a preset; where it is not FSQ, with `latent` numbers a token and a codebook of `size`.

    Residual VQ gives a token `depth` codes.

    The published prefix `FSQ_AE_` is accepted for `IsoDiM_Tokenizer_`. InputError when there is no such preset.
    """
    full = full_name(name)
    if full in LEVELS:
        return FSQ(LEVELS[full])
    if full in OTHERS:
        return OTHERS[full](latent, size, depth)
    raise InputError("tokenizer", name, f"one of {', '.join(NAMES)}")


def build(
    name: str,
    width: int = 512,
    features: int = FEATURES,
    latent: int = LATENT,
    size: int = SIZE,
    depth: int = DEPTH,
    *,
    token_blocks: int = 0,
    frame_blocks: int = 0,
    smoothing: float = NEIGHBOUR,
) -> ConvTokenizer:
    """An untrained tokenizer of a preset; `width` channels (512 as published, 256 in the bundled checkpoints), and a deeper
    decoder where residual blocks are asked for; `token_blocks`, `frame_blocks`, `smoothing` as in `ConvTokenizer`."""
    made = bottleneck(name, latent, size, depth)
    options = {"token_blocks": token_blocks, "frame_blocks": frame_blocks}
    return ConvTokenizer(features, width, made, name in PUBLISHED, smoothing=smoothing, **options)
