"""Text encoders' libraries, imported when an encoder needs them."""

from __future__ import annotations

import functools
import importlib
from typing import Any

import torch

from common.errors import InputError

_DEFINITIONS: list[torch.library.Library] = []
"""Operators that were defined here; they are gone when their library is."""


@functools.cache
def library(name: str, package: str) -> Any:
    """The module `name`, importable beside a CPU torch too; InputError with the pip `package` when it is not installed."""
    try:
        _mend_torchvision()
        return importlib.import_module(name)
    except ImportError as error:
        raise InputError("text encoder", "not installed", f"{package} in the backend's Python ({error})") from error


def _mend_torchvision() -> None:
    """torchvision's CUDA wheel beside a CPU torch lacks two operators that its import asks for: define them."""
    try:
        importlib.import_module("torchvision")
    except ImportError:
        pass  # the library may do without, or names it in an error of its own
    except RuntimeError:
        definitions = torch.library.Library("torchvision", "FRAGMENT")
        definitions.define("nms(Tensor boxes, Tensor scores, float threshold) -> Tensor")
        definitions.define("qnms(Tensor boxes, Tensor scores, float threshold) -> Tensor")
        _DEFINITIONS.append(definitions)
