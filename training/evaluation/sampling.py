"""Many clips at once from one generator: a trained run or an exported checkpoint, prompts of one length in a batch."""

from __future__ import annotations

import collections
import dataclasses
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from backend import text
from backend.engines import torch as torch_engine
from backend.generators import noise
from backend.generators.sampling import Sampling
from backend.generators.token_generator import TokenGenerator
from backend.generators.windows import sample
from backend.tokenizers.conv import ConvTokenizer
from backend.weights.load import load
from backend.weights.locate import find
from training.data.captions import EncodedCaptions
from training.engine import runs

_AT_ONCE = 32
_SEED_STRIDES = (1_000_003, 10_007)
_SEEDS = 2**32
"""What a generator of random numbers can be told apart by."""


@dataclasses.dataclass(frozen=True)
class Job:
    """One clip to sample; the same seed, caption and length give the same noise in any company."""

    caption: str
    tokens: int
    seed: int


@dataclasses.dataclass
class MotionSampler:
    """A generator with its tokenizer and text encoder, ready; `sampling` is its default. `seconds` counts sampling time."""

    name: str
    generator: TokenGenerator
    tokenizer: ConvTokenizer
    encoder: text.TextEncoder
    sampling: Sampling
    seconds: float = 0.0

    @classmethod
    def load(cls, where: str, device: str) -> MotionSampler:
        """A run folder, an exported checkpoint's folder or a bundled checkpoint's name."""
        if runs.is_run(where):
            generator, tokenizer, encoder = runs.load_generator(Path(where))
            sampling = runs.sampling_of(Path(where))
        else:
            networks = load(find(where).folder, device)
            generator, tokenizer, sampling = networks.generator, networks.tokenizer, networks.sampling
            encoder = str(networks.config["text_encoder"])
        loaded = text.load(encoder, device)
        return cls(Path(where).name, generator.to(device).eval(), tokenizer.to(device).eval(), loaded, sampling)

    @torch.inference_mode()
    def sample(self, jobs: Sequence[Job], sampling: Sampling) -> list[NDArray[np.float32]]:
        """Features [4 * tokens, 67] of every job, in metres and radians, as the decoder gives them."""
        captions = EncodedCaptions([job.caption for job in jobs], self.encoder)
        alike: dict[int, list[int]] = collections.defaultdict(list)
        for index, job in enumerate(jobs):
            alike[job.tokens].append(index)
        made: dict[int, NDArray[np.float32]] = {}
        begun = time.perf_counter()
        for places in alike.values():
            for start in range(0, len(places), _AT_ONCE):
                part = places[start : start + _AT_ONCE]
                made |= zip(part, self._batch([jobs[index] for index in part], captions, sampling), strict=True)
        self.seconds += time.perf_counter() - begun
        return [made[index] for index in range(len(jobs))]

    @torch.inference_mode()
    def reconstructed(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Features [frame, 67] of real motion through the tokenizer and back."""
        tokenizer = self.tokenizer
        real = tokenizer.normalize(torch.from_numpy(features)[None].to(tokenizer.mean))
        return tokenizer.denormalize(tokenizer.decode(tokenizer.encode(real)))[0].float().cpu().numpy()

    def _batch(self, jobs: Sequence[Job], captions: EncodedCaptions, sampling: Sampling) -> NDArray[np.float32]:
        dims, coder = self.tokenizer.bottleneck.dims, torch_engine.TorchCoder(self.tokenizer)
        rows = np.stack([noise.normal(job.seed % _SEEDS, job.tokens, dims) for job in jobs])
        states, mask = (part.numpy() for part in captions.batch([job.caption for job in jobs]))
        generator = torch_engine.generator(self.generator)
        return coder.decode(sample(generator, (states, mask), rows, sampling, lambda step, total: None))


def seed_of(seed: int, repeat: int, index: int) -> int:
    """A seed of its own for each clip of each repeat."""
    return seed * _SEED_STRIDES[0] + repeat * _SEED_STRIDES[1] + index


def load_tokenizer(where: str, device: str) -> ConvTokenizer:
    """The tokenizer of a tokenizer's run folder, of an exported checkpoint's folder or of a bundled checkpoint."""
    if runs.is_run(where):
        return runs.load_tokenizer(Path(where)).to(device)
    return load(find(where).folder, device).tokenizer
