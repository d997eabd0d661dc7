"""A CUDA device: one clip at a time eager, compiled into CUDA graphs and in bf16; clips a second over batch sizes.

These figures are of the networks, from text states to features. At a batch of one a device waits for launches, which
CUDA graphs take away (PyTorch's `reduce-overhead` mode).
"""

from __future__ import annotations

import contextlib
import copy
import math
import statistics
from collections.abc import Callable
from typing import Any

import torch

from backend.engines.torch import TorchDenoiser
from backend.generate import Pipeline
from backend.generators.isodim import IsoDiM
from backend.generators.sampler import Sampler
from backend.generators.windows import sample
from backend.tokenizers.coder import FRAMES_PER_TOKEN, Array
from common import FPS

from .times import timed

BATCHES = (1, 4, 16, 64, 256, 1024)
_COMPILED = ("context", "denoise")
_WARM_UP = 3


def missing() -> str | None:
    """Why there are no figures of a CUDA device here; None where there is one."""
    if torch.cuda.is_available():
        return None
    return f"CUDA: left out, torch {torch.__version__} finds no CUDA device on this machine."


def measure(pipeline: Pipeline, seconds: float, repeat: int) -> dict[str, Any]:
    """Seconds a clip (`_s`) of each way to run the networks, and clips a second by batch size and at the best one."""
    generator = networks_of(pipeline)
    fast = compiled(generator, mode="reduce-overhead")
    ways = {
        "cuda_eager_s": (generator, False),
        "cuda_eager_bf16_s": (generator, True),
        "cuda_graphs_s": (fast, False),
        "cuda_graphs_bf16_s": (fast, True),
    }
    found: dict[str, Any] = {"cuda_device": torch.cuda.get_device_name()}
    for name, (model, half) in ways.items():
        found[name] = statistics.median(clip_seconds(pipeline, model, seconds, 1, repeat, half))
    rates = clips_per_second(pipeline, seconds, repeat)
    best = max(rates, key=lambda batch: rates[batch])
    return found | {"cuda_bf16_clips_per_s": rates, "cuda_best_batch": best, "cuda_best_clips_per_s": rates[best]}


def clips_per_second(pipeline: Pipeline, seconds: float, repeat: int) -> dict[int, float]:
    """Clips a second in eager bf16 by batch size, up to the largest one that the memory holds."""
    rates = {}
    for batch in BATCHES:
        try:
            times = clip_seconds(pipeline, networks_of(pipeline), seconds, batch, repeat, True)
        except torch.cuda.OutOfMemoryError:
            break
        rates[batch] = batch / statistics.median(times)
    return rates


def networks_of(pipeline: Pipeline) -> IsoDiM:
    """The networks of a pipeline of the torch engine."""
    denoiser: Any = pipeline.networks.generator.denoiser  # type: ignore[attr-defined]
    model: IsoDiM = denoiser.model
    return model


def compiled(generator: IsoDiM, **options: Any) -> IsoDiM:
    """The same generator, its two networks compiled; `options` are `torch.compile`'s."""
    fast = copy.copy(generator)
    for name in _COMPILED:
        setattr(fast, name, torch.compile(getattr(generator, name), **options))
    return fast


def clip_seconds(
    pipeline: Pipeline, generator: IsoDiM, seconds: float, batch: int, repeat: int, half: bool
) -> list[float]:
    """Seconds of `repeat` warm batches of clips, from text states to features; `half` computes in bf16."""
    work = _work(pipeline, generator, seconds, batch, half)
    timed(work, _WARM_UP)
    return timed(work, repeat)


def _work(pipeline: Pipeline, generator: IsoDiM, seconds: float, batch: int, half: bool) -> Callable[[int], Array]:
    networks, sampler = pipeline.networks, Sampler(TorchDenoiser(generator))
    tokens = math.ceil(seconds * FPS / FRAMES_PER_TOKEN)
    text = pipeline.text_states("a person walks forward, turns around and waves")
    noise = pipeline.noise(0, batch, tokens)
    device = networks.device

    def work(index: int) -> Array:
        if device == "cuda":
            torch.compiler.cudagraph_mark_step_begin()  # what the last clip's graphs have put out may be overwritten
        with torch.autocast(device, torch.bfloat16) if half else contextlib.nullcontext():
            latents = sample(sampler, text, noise, networks.sampling, lambda step, total: None)
            return networks.tokenizer.decode(latents)

    return work
