"""Run folders as networks: the averaged weights of a training run, ready to use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from backend import text
from backend.generators import presets
from backend.generators.token_generator import TokenGenerator
from backend.tokenizers.conv import ConvTokenizer

from . import config
from .isodim_settings import IsoDiMSettings
from .state import ema_weights
from .train_tokenizer import TokenizerSettings, untrained


def load_tokenizer(folder: Path) -> ConvTokenizer:
    """The tokenizer of a run folder, frozen; InputError if there is no such run."""
    settings, weights = config.load(TokenizerSettings, folder), ema_weights(folder)
    tokenizer = untrained(settings, len(weights["mean"]))
    tokenizer.load_state_dict(weights)
    return tokenizer.eval().requires_grad_(False)


def load_generator(folder: Path) -> tuple[TokenGenerator, ConvTokenizer, str]:
    """Generator, its tokenizer and the name of its text encoder, of a run folder; the tokenizer's run lies beside it."""
    settings = config.load(IsoDiMSettings, folder)
    tokenizer = load_tokenizer(folder.parent / settings.tokenizer_name)
    generator = new_generator(settings, tokenizer, text.load(settings.text_encoder).width)
    generator.load_state_dict(ema_weights(folder))
    return generator.eval(), tokenizer, settings.text_encoder


def new_generator(settings: IsoDiMSettings, tokenizer: ConvTokenizer, text_width: int) -> TokenGenerator:
    """The untrained generator that a run's settings describe."""
    dropout: dict[str, Any] = {} if settings.dropout is None else {"dropout": settings.dropout}
    return presets.build(bottleneck=tokenizer.bottleneck, text_width=text_width, **settings.network, **dropout)
