"""A clip of any length from a DiCoDe, segment by segment: what is made is given out, and only a window of it is remembered."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

import torch
from torch import Tensor

from backend.generators.sampling import Sampling
from backend.text import TextStates

from .language import DiCoDe
from .tokenizer import DeepTokenizer


def segments(
    model: DiCoDe, tokenizer: DeepTokenizer, prompts: Iterable[TextStates], seed: int, sampling: Sampling
) -> Iterator[Tensor]:
    """Features [segment_frames, f] in metres and radians, a segment for each of `prompts` (states [1, piece, width] and mask).

    Each is made when it is asked for. Chance follows from the seed and the segment's number, so a longer clip of the same
    prompts begins as a shorter one, bit for bit.
    """
    device = model.mean.device
    past, before = None, None
    for number, prompt in enumerate(prompts):
        generator = torch.Generator().manual_seed(zlib.crc32(f"{seed} {number}".encode()))
        with torch.inference_mode():
            text = _rows(model, prompt, sampling.guidance, device)
            past = past or model.past(len(text[0]))
            latents = model.segment(past, text, sampling, generator)
            noise = torch.randn(1, tokenizer.segment_frames, tokenizer.config.features, generator=generator)
            made = tokenizer.decode_segment(latents, noise.to(device), before, sampling.steps)
            before = made[:, -tokenizer.frames_before :]
            features = tokenizer.denormalize(made)[0]
        yield features


def _rows(model: DiCoDe, prompt: TextStates, guidance: float, device: torch.device) -> TextStates:
    """Text states of one segment [row, 1, piece, width]: the prompt and, where guidance needs it, the null prompt."""
    states, mask = (part[:, None].to(device) for part in prompt)
    null = torch.tensor([False] if guidance == 1 else [False, True], device=device)
    return model.text_states(
        states.expand(len(null), *states.shape[1:]), mask.expand(len(null), *mask.shape[1:]), null[:, None]
    )
