"""A run's state in one safetensors file: `model.`, `ema.`, `optimizer.INDEX.` tensors; step and seconds in its metadata."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor
from torch.distributed.tensor import DTensor, distribute_tensor

from common.errors import InputError


def full(tensor: Tensor) -> Tensor:
    """The whole of a tensor that may be sharded over processes; then every process takes part."""
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors whose name begins with `prefix`, by the rest of their name."""
    return {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}


def save_tensors(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str] | None = None) -> None:
    """Write a safetensors file atomically, readable by whoever the user's umask lets read; InputError if it cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        waiting.touch()
        mode = waiting.stat().st_mode
        save_file(tensors, waiting, metadata)
        waiting.chmod(stat.S_IMODE(mode))  # safetensors makes files for their owner alone
        waiting.replace(path)
    except (OSError, SafetensorError) as error:
        raise InputError(str(path), "not written", f"a disk with room that can be written ({error})") from error
    finally:
        waiting.unlink(missing_ok=True)


def write_state(path: Path, tensors: dict[str, Tensor], step: int, seconds: float) -> None:
    """Write a state file atomically; `seconds` is the wall time that the run has taken."""
    whole = {key: value.detach().cpu().contiguous().clone() for key, value in tensors.items()}
    save_tensors(path, whole, {"step": str(step), "seconds": repr(seconds)})


class RunState(NamedTuple):
    """What a state file holds; `seconds` is 0 where the file does not tell."""

    tensors: dict[str, Tensor]
    step: int
    seconds: float


def read_state(path: Path) -> RunState:
    """The state in a file; InputError if there is none, it is damaged, or its run had broken down before it was saved."""
    if not path.is_file():
        raise InputError(str(path), "missing", "the state of a run")
    try:
        with safe_open(path, framework="pt") as stream:
            facts = dict(stream.metadata() or {})
            tensors = {key: stream.get_tensor(key) for key in stream.keys()}  # noqa: SIM118
        step, seconds = int(facts["step"]), float(facts.get("seconds", 0.0))
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        raise InputError(str(path), "damaged", f"the state of a run ({error})") from error
    for key, value in tensors.items():
        if value.is_floating_point() and not torch.isfinite(value).all():
            raise InputError(
                str(path), f"not finite in {key}", "the state of a run that learns: begin anew, with a lower --lr"
            )
    return RunState(tensors, step, seconds)


def ema_weights(folder: Path) -> dict[str, Tensor]:
    """The averaged weights of a run folder, as a module's state_dict."""
    return under("ema.module.", read_state(folder / "model" / "state.safetensors").tensors)


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """The optimizer's state as `INDEX.NAME`, INDEX counting its parameters; whole tensors."""
    rows = optimizer.state_dict()["state"]
    return {f"{index}.{key}": full(value) for index, state in rows.items() for key, value in state.items()}


def load_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Load what `optimizer_tensors` gave, sharded as the parameters are now."""
    packed = optimizer.state_dict()
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    for key, whole in tensors.items():
        index, name = key.split(".", 1)
        parameter = parameters[int(index)]
        value = whole
        if isinstance(parameter, DTensor) and name != "step":
            value = distribute_tensor(whole.to(parameter.device), parameter.device_mesh, parameter.placements)
        packed["state"].setdefault(int(index), {})[name] = value
    optimizer.load_state_dict(packed)
