"""Generators by name. A new family is one line here; its module holds `SIZES` by name, `OPTIONS`, `SAMPLING`, `build`."""

from __future__ import annotations

from typing import Any

from backend.tokenizers.bottleneck import Bottleneck
from common.errors import InputError

from . import hifigpt, isodim, mardm, mardm_published, moe
from .sampling import Sampling
from .token_generator import TokenGenerator

FAMILIES: tuple[Any, ...] = (isodim, mardm, mardm_published, hifigpt, moe)

NAMES = tuple(name for family in FAMILIES for name in family.SIZES)


def family_of(name: str) -> Any:
    """The module of a preset's family; InputError for an unknown name."""
    for family in FAMILIES:
        if name in family.SIZES:
            return family
    raise InputError("model", name, f"one of {', '.join(NAMES)}")


def options_of(name: str) -> tuple[str, ...]:
    """Names of the options that a preset's family builds by, beside its size; a checkpoint's config.json holds them."""
    return tuple(family_of(name).OPTIONS)


def sampling_of(name: str) -> Sampling:
    """How a preset's family is sampled unless something else is asked for."""
    found: Sampling = family_of(name).SAMPLING
    return found


def build(name: str, bottleneck: Bottleneck, text_width: int, **options: Any) -> TokenGenerator:
    """An untrained generator of a preset over a tokenizer's latents; `options` are `options_of` it, and `dropout`.

    InputError for an unknown name, TypeError for an option that the family does not have.
    """
    return family_of(name).build(name, bottleneck, text_width, **options)
