"""A deep tokenizer and a DiCoDe of two layers, their gates open as after training."""

from __future__ import annotations

import torch

from backend.dicode.language import DiCoDe, DiCoDeConfig
from backend.dicode.tokenizer import BOTTLENECKS, DeepConfig, DeepTokenizer

TEXT, DIMS, TOKENS, FRAMES = 12, 6, 2, 8


def _moved(module, size=0.1):
    for parameter in module.parameters():
        parameter.data += size * torch.randn_like(parameter)
    return module.eval()


def tokenizer(bottleneck="fsq", seed=0, **options):
    torch.manual_seed(seed)
    sizes = {"segment_frames": FRAMES, "tokens_per_segment": TOKENS, "frames_before": 3} | options
    config = DeepConfig(width=32, heads=2, encoder=2, decoder=2, features=67, **sizes)
    return _moved(DeepTokenizer(config, BOTTLENECKS[bottleneck](DIMS)))


def language(head="categorical", bottleneck="fsq", seed=0, **options):
    torch.manual_seed(seed)
    config = DiCoDeConfig(
        TEXT, width=32, heads=2, depth=2, tokens_per_segment=TOKENS, head=head, dropout=0.0, **options
    )
    model = _moved(DiCoDe(config, BOTTLENECKS[bottleneck](DIMS)), 0.2)
    model.std.fill_(0.7)
    model.mean.fill_(0.1)
    return model


def prompt(number, pieces=5):
    generator = torch.Generator().manual_seed(number)
    return torch.randn(1, pieces, TEXT, generator=generator), torch.ones(1, pieces, dtype=torch.bool)


def text(model, numbers, null=False):
    """Text states [1, segment, piece, width] of prompts by their numbers."""
    states, mask = (torch.stack([prompt(number)[part][0] for number in numbers])[None] for part in (0, 1))
    return model.text_states(states, mask, torch.full((1, len(numbers)), null))
