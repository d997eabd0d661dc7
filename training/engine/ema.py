"""The averaged model: an exponential moving average of everything a checkpoint holds."""

from __future__ import annotations

import copy
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn
from torch.distributed.tensor import DTensor, distribute_tensor

from .state import full

Model = TypeVar("Model", bound=nn.Module)


def _own(tensor: Tensor) -> Tensor:
    """What this process holds of a tensor."""
    return (tensor.to_local() if isinstance(tensor, DTensor) else tensor).detach()


class Ema(nn.Module, Generic[Model]):
    """`module` is the average of a model over its updates; the ramp (1 + n) / (10 + n) keeps the random start out of it.

    Parameters and the floating buffers of the state dict (codebooks that are averages themselves, so that codes stay
    beside the encoder and decoder that use them) are averaged; counters and tables are copied.
    """

    module: Model
    n_averaged: Tensor

    def __init__(self, model: Model, decay: float) -> None:
        super().__init__()
        self.decay = decay
        self.module = copy.deepcopy(model).eval().requires_grad_(False)
        self.register_buffer("n_averaged", torch.zeros((), dtype=torch.long))
        self._shards: list[Tensor] | None = None

    def shard_like(self, model: nn.Module) -> None:
        """Average shards from now on: `model` is the same model, its parameters sharded. `gather` fills `module`."""
        self._shards = [
            distribute_tensor(mine.data, theirs.device_mesh, theirs.placements)
            if isinstance(theirs, DTensor)
            else mine.data
            for mine, theirs in zip(self.module.parameters(), model.parameters(), strict=True)
        ]

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Take in the model after one more update."""
        kept = self.module.state_dict().keys()
        averages = [_own(average) for average in self._shards or self.module.parameters()]
        currents = [_own(parameter) for parameter in model.parameters()]
        theirs = dict(model.named_buffers())
        for name, mine in self.module.named_buffers():
            if mine.is_floating_point() and name in kept:
                averages, currents = [*averages, mine], [*currents, theirs[name]]
            else:
                mine.copy_(theirs[name])
        count = int(self.n_averaged)
        if count:
            torch._foreach_lerp_(averages, currents, 1.0 - min(self.decay, (1 + count) / (10 + count)))
        else:
            torch._foreach_copy_(averages, currents)
        self.n_averaged += 1

    @torch.no_grad()
    def gather(self) -> None:
        """Bring `module` up to date where shards are averaged; every process takes part."""
        if self._shards is not None:
            for mine, shard in zip(self.module.parameters(), self._shards, strict=True):
                mine.copy_(full(shard))
