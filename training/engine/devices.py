"""Where a run computes: one process, or several that `torchrun` started, on CPUs or GPUs, by `accelerate`.

Sharding is torch's own `fully_shard` (FSDP2): `accelerate` shards on accelerators alone and replicates on CPUs without
a word, so that nothing of it could be tested there.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from backend.device import choose
from common.errors import InputError

from .config import RunSettings


def multiplies_in_bf16(kind: str) -> bool:
    """Whether a kind of device has units for bf16. A CPU without them emulates it, twenty times slower than fp32."""
    return kind != "cpu" or bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


class Devices:
    """The processes of a run and this process's device. Every process has to call every method."""

    def __init__(self, settings: RunSettings) -> None:
        from accelerate import Accelerator, DistributedDataParallelKwargs

        unused = DistributedDataParallelKwargs(find_unused_parameters=True)  # a step may leave an expert or a token out
        self.accelerator = Accelerator(cpu=choose(settings.device) == "cpu", kwargs_handlers=[unused])
        self.device: torch.device = self.accelerator.device
        self.count: int = self.accelerator.num_processes
        self.index: int = self.accelerator.process_index
        self.fsdp = settings.fsdp
        if settings.fsdp and self.count == 1:
            raise InputError("fsdp", True, "False in one process; start several with torchrun")
        parts = self.count * settings.accumulate
        if settings.batch_size % parts:
            shown = f"{self.count} processes times accumulate {settings.accumulate}"
            raise InputError("batch_size", settings.batch_size, f"a multiple of {parts}: {shown}")

    @property
    def first(self) -> bool:
        """This process writes the run's files."""
        return bool(self.accelerator.is_main_process)

    def spread(self, step: nn.Module) -> nn.Module:
        """The module whose forward computes the losses, its parameters replicated or sharded over the processes."""
        if self.count == 1:
            return step
        if not self.fsdp:
            wrapped: nn.Module = self.accelerator.prepare_model(step)
            return wrapped
        from torch.distributed.device_mesh import init_device_mesh
        from torch.distributed.fsdp import fully_shard

        mesh = init_device_mesh(self.device.type, (self.count,))
        for group in [module for module in step.modules() if isinstance(module, nn.ModuleList)]:
            for block in group:  # the blocks of a transformer are gathered one at a time
                fully_shard(block, mesh=mesh)
        fully_shard(step, mesh=mesh)
        return step

    @contextlib.contextmanager
    def synchronized(self, wrapped: nn.Module, last: bool) -> Iterator[None]:
        """Gradients of the processes meet in the `last` backward pass of an update only."""
        if self.count == 1 or (last and not self.fsdp):
            yield
        elif self.fsdp:
            wrapped.set_requires_gradient_sync(last)  # type: ignore[operator]
            yield
        else:
            with self.accelerator.no_sync(wrapped):
                yield

    def mean(self, values: Tensor) -> Tensor:
        """Mean over the processes."""
        found: Tensor = self.accelerator.reduce(values, "mean")
        return found

    def wait(self) -> None:
        """Until every process is here."""
        self.accelerator.wait_for_everyone()


def leave() -> None:
    """End the process group, if there is one: the last line of a command."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()
