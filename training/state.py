"""A run's state in one safetensors file: `model.`, `ema.`, `optimizer.INDEX.` tensors; step and seconds in its metadata."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor
from torch.distributed.tensor import DTensor, distribute_tensor


def full(tensor: Tensor) -> Tensor:
    """The whole of a tensor that may be sharded over processes; then every process takes part."""
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors whose name begins with `prefix`, by the rest of their name."""
    return {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}


def write_state(path: Path, tensors: dict[str, Tensor], step: int, seconds: float) -> None:
    """Write a state file atomically; `seconds` is the wall time that the run has taken."""
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_suffix(".tmp")
    save_file(
        {key: value.detach().cpu().contiguous().clone() for key, value in tensors.items()},
        waiting,
        metadata={"step": str(step), "seconds": repr(seconds)},
    )
    waiting.replace(path)


def _metadata(path: Path) -> dict[str, str]:
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: there is no run to continue from here")
    with safe_open(path, framework="pt") as stream:
        return dict(stream.metadata())


def read_state(path: Path) -> tuple[dict[str, Tensor], int]:
    """Tensors and step of a state file."""
    step = int(_metadata(path)["step"])
    with safe_open(path, framework="pt") as stream:
        return {key: stream.get_tensor(key) for key in stream.keys()}, step  # noqa: SIM118


def read_seconds(path: Path) -> float:
    """Wall time that the run had taken; 0 for states that do not tell."""
    return float(_metadata(path).get("seconds", 0.0))


def ema_weights(folder: Path) -> dict[str, Tensor]:
    """The averaged weights of a run folder, as a module's state_dict."""
    tensors, _ = read_state(folder / "model" / "state.safetensors")
    return under("ema.module.", tensors)


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
