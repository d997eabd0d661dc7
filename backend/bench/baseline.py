"""MARDM at its published size beside the bundled checkpoint: our own networks of these widths, with random weights.

What a network has learned does not change how long it computes, so no training is needed. Text encoder, decoder and
solve are those of a generation with the bundled checkpoint.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import torch

from backend.engines import torch as torch_engine
from backend.generate import Pipeline
from backend.generators import mardm
from backend.generators.sampling import Sampling
from backend.weights import load
from common import checks
from common.wire.messages import Generate

from .bundled import clip_maker
from .flops import counted
from .times import Row, timed

STEPS, ROUNDS, GUIDANCE = 50, 18, 4.5
"""The head's evaluations a token, rounds of the transformer and guidance of MARDM's release (Meng et al., 2024)."""
_TOKENIZERS = {"MARDM": "IsoDiM_Tokenizer_Continuous", "FSQ": "IsoDiM_Tokenizer_High", "VQ": "VQ_AE_Model"}


def pipeline_of(name: str, like: Pipeline) -> Pipeline:
    """A pipeline around an untrained generator of that name, with the text encoder and the device of another one.

    InputError unless it is a MARDM's.
    """
    checks.one_of(tuple(mardm.SIZES))("--baseline", name)
    config: dict[str, Any] = {
        "name": name,
        "licence": "none: random weights",
        "tokenizer": {"name": _TOKENIZERS[name.partition("-")[0]]},
        "generator": {"name": name},
        "length": {"text_width": like.encoder.width},
        "sampling": {"steps": STEPS, "guidance": GUIDANCE, "mar_steps": ROUNDS},
        "files": {"model.safetensors": "none"},
    }
    torch.manual_seed(0)
    networks = load.build(config)
    for part in (networks.tokenizer, networks.generator, networks.length):
        part.to(like.networks.device).eval()
    return Pipeline(torch_engine.engine(networks, like.networks.device), like.encoder)


def rows(name: str, like: Pipeline, request: Generate, repeat: int, published_repeat: int) -> list[Row]:
    """Unmasked tokens only, and as published: seconds a clip after one to warm up, and floating-point operations."""
    pipeline, found = pipeline_of(name, like), []
    plain = Generate(prompt=request.prompt, seconds=request.seconds, seed=request.seed)
    for label, only_unmasked, times in (
        ("unmasked tokens only", True, repeat),
        ("as published", False, published_repeat),
    ):
        sampling = dataclasses.replace(pipeline.networks.sampling, only_unmasked=only_unmasked)
        flop = _flop(_with(pipeline, sampling), request.seconds or 9.8)  # it also warms up
        seconds = timed(clip_maker(_with(pipeline, sampling), plain), times)
        found.append(Row(f"{name}, {label}", seconds, flop))
    return found


def _with(pipeline: Pipeline, sampling: Sampling) -> Pipeline:
    networks = dataclasses.replace(pipeline.networks, sampling=sampling)
    return Pipeline(networks, pipeline.encoder)


def _flop(pipeline: Pipeline, seconds: float) -> float:
    """Counted at one and at two steps of the head and carried on to all: the rest of the work does not depend on them."""
    steps = pipeline.networks.sampling.steps
    one, two = (
        counted(_with(pipeline, dataclasses.replace(pipeline.networks.sampling, steps=count)), seconds)
        for count in (1, 2)
    )
    return one + (steps - 1) * (two - one)
