"""Tokenizers by name. A new size is one line here."""

from __future__ import annotations

from contract.errors import InputError

from .conv import ConvTokenizer
from .fsq import FSQ

FEATURES = 67

LEVELS: dict[str, tuple[int, ...]] = {
    "IsoDiM_Tokenizer_Small": (5, 5, 5, 5, 5),
    "IsoDiM_Tokenizer_Medium": (8, 5, 5, 5, 5),
    "IsoDiM_Tokenizer_Large": (8, 6, 6, 5, 5, 5),
    "IsoDiM_Tokenizer_XLarge": (8, 8, 8, 6, 5, 5),
    "IsoDiM_Tokenizer_High": (8, 8, 8, 5, 5, 5),
    "IsoDiM_Tokenizer_Ultra": (8, 8, 8, 8, 5, 5),
    "IsoDiM_Tokenizer_Mega": (8, 8, 8, 8, 8, 5),
    "IsoDiM_Tokenizer_HighDim7": (7, 5, 5, 5, 5, 5, 5),
    "IsoDiM_Tokenizer_HighDim8": (5, 5, 5, 5, 5, 5, 5, 5),
    "IsoDiM_Tokenizer_HighDim12": (5,) * 12,
}


def levels_of(name: str) -> tuple[int, ...]:
    """FSQ levels of a preset; the published prefix `FSQ_AE_` is accepted for `IsoDiM_Tokenizer_`."""
    ours = name.replace("FSQ_AE_", "IsoDiM_Tokenizer_", 1)
    if ours not in LEVELS:
        raise InputError("tokenizer", name, f"one of {', '.join(LEVELS)}")
    return LEVELS[ours]


def build(name: str, width: int = 512, features: int = FEATURES) -> ConvTokenizer:
    """An untrained tokenizer of a preset; `width` channels (512 as published, 256 in the bundled checkpoints)."""
    return ConvTokenizer(features, width, FSQ(levels_of(name)))
