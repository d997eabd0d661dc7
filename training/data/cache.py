"""Tensors that take long to make, kept on disk under a name that follows from all that they depend on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from training.engine.state import save_tensors

Part = str | bytes | Tensor | NDArray[np.generic]


def digest(*parts: Part) -> str:
    """sha256 in hexadecimal of texts, bytes, and arrays with their type and shape; parts do not run into each other."""
    found = hashlib.sha256()
    for part in parts:
        if isinstance(part, str | bytes):
            head, body = type(part).__name__, part.encode() if isinstance(part, str) else part
        else:
            array = part.detach().cpu().numpy() if isinstance(part, Tensor) else part
            head, body = f"{array.dtype} {array.shape}", array.tobytes()
        found.update(f"{head} {len(body)}\n".encode())
        found.update(body)
    return found.hexdigest()


def kept(folder: Path, kind: str, key: str, make: Callable[[], dict[str, Tensor]]) -> dict[str, Tensor]:
    """The tensors that `make` gave when `folder` had none of this kind and key; a damaged file is made anew.

    The folder may be deleted at any time, and processes may share it.
    """
    path = folder / f"{kind}_{key[:24]}.safetensors"
    if path.is_file():
        try:
            return load_file(path)
        except SafetensorError:
            pass
    made = make()
    save_tensors(path, made)
    return made
