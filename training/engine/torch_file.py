"""Files that torch wrote, read as tensors, numbers and their containers: nothing in them is run."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import torch

from common.errors import InputError


def read(path: Path, field: str) -> Any:
    """What torch.save wrote; InputError about `field` when that is code, or no such file."""
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise InputError(field, str(path), "a file of weights that torch can read without running code") from error
