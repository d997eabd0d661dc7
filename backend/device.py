"""The device and the engine that generate: named by people, chosen here, without importing torch where that can be avoided."""

from __future__ import annotations

import importlib.util
import runpy
from pathlib import Path

from common.errors import InputError

CHOICES = ("auto", "cpu", "cuda", "mps")
ENGINES = ("auto", "onnx", "torch")
"""What computes a checkpoint's networks; `auto` is the lightest that can."""


def torch_is_installed() -> bool:
    """Whether there is a torch: the CPU needs none, all other devices do."""
    return importlib.util.find_spec("torch") is not None


def torch_version() -> dict[str, object]:
    """`__version__`, `cuda` and more of the installed torch, read from its constants' file in milliseconds.

    Raises InputError when torch is not installed.
    """
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        raise InputError(
            "torch",
            "not installed",
            "the packages that pyproject.toml lists, or the device cpu, which needs none of them",
        )
    return runpy.run_path(str(Path(spec.origin).with_name("version.py")))


def choose(name: str) -> str:
    """The torch device type for one of CHOICES; InputError if this machine does not have it.

    `auto` is CUDA where there is one and the CPU elsewhere: on Apple's MPS nothing here has been measured, so it has
    to be asked for.
    """
    if name not in CHOICES:
        raise InputError("device", name, f"one of {', '.join(CHOICES)}")
    if name == "cpu" or (name == "auto" and not torch_is_installed()):
        return "cpu"
    has_cuda_build = torch_version().get("cuda") is not None
    if name == "auto" and not has_cuda_build:
        return "cpu"
    if name == "mps":
        return _require(name, _has_mps())
    if name == "cuda":
        return _require(name, has_cuda_build and _has_cuda())
    return "cuda" if _has_cuda() else "cpu"


def _require(name: str, there: bool) -> str:
    if not there:
        raise InputError("device", name, "a device that this machine and its torch have; auto and cpu always work")
    return name


def _has_cuda() -> bool:
    import torch

    return torch.cuda.is_available()


def _has_mps() -> bool:
    import torch

    return torch.backends.mps.is_available()
