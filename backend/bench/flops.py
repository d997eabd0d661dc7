"""Floating-point operations of a clip, counted by torch on a real generation, text included."""

from __future__ import annotations

from torch.utils.flop_counter import FlopCounterMode

from backend.generate import Pipeline
from common.wire.requests import Generate


def counted(pipeline: Pipeline, seconds: float) -> float:
    """Of one clip by a pipeline of the torch engine whose text states are not cached."""
    fresh = Pipeline(pipeline.networks, pipeline.encoder)
    with FlopCounterMode(display=False) as counter:
        fresh.generate(Generate(prompt="a person walks forward", seconds=seconds), lambda step, total: None)
    return float(counter.get_total_flops())
